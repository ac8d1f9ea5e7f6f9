//! Users of SCRAM: DescribeUserScramCredentials, AlterUserScramCredentials.

use crate::api::Call;
use crate::state::State;
use crate::state::access::UserError;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResult;
use kafka_protocol::messages::describe_user_scram_credentials_response::{
    CredentialInfo, DescribeUserScramCredentialsResult,
};
use kafka_protocol::messages::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// A code with the broker's words.
type Refusal = (i16, Option<String>);

pub(super) fn describe(
    state: &mut State,
    _: &Call,
    request: &DescribeUserScramCredentialsRequest,
) -> DescribeUserScramCredentialsResponse {
    // A name that is asked for several times is refused once.
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    match request.users.as_ref().filter(|users| !users.is_empty()) {
        Some(users) => users.iter().for_each(|user| *asked.entry(user.name.to_string()).or_default() += 1),
        None => asked.extend(state.users.names().map(|name| (name.to_owned(), 1))),
    }
    let results = asked.into_iter().map(|(name, times)| {
        let result = DescribeUserScramCredentialsResult::default();
        let refused = |code: ResponseError, words: String| {
            result.clone().with_error_code(code.code()).with_error_message(Some(StrBytes::from_string(words)))
        };
        let described = match state.users.of(&name) {
            _ if times > 1 => refused(
                ResponseError::DuplicateResource,
                format!(
                    "Cannot describe SCRAM credentials for the same user twice in a single request: {name}"
                ),
            ),
            None => refused(
                ResponseError::ResourceNotFound,
                format!("Attempt to describe a user credential that does not exist: {name}"),
            ),
            Some(credentials) => {
                let infos = credentials.iter().map(|(mechanism, iterations)| {
                    CredentialInfo::default().with_mechanism(mechanism.number()).with_iterations(*iterations)
                });
                result.with_error_message(Some(StrBytes::default())).with_credential_infos(infos.collect())
            }
        };
        described.with_user(StrBytes::from_string(name))
    });
    DescribeUserScramCredentialsResponse::default()
        .with_error_message(Some(StrBytes::default()))
        .with_results(results.collect())
}

/// What is wanted of a user.
enum Wanted {
    Store { mechanism: i8, iterations: i32 },
    Remove { mechanism: i8 },
}

pub(super) fn alter(
    state: &mut State,
    call: &Call,
    request: &AlterUserScramCredentialsRequest,
) -> AlterUserScramCredentialsResponse {
    let mut wanted: BTreeMap<&str, Vec<Wanted>> = BTreeMap::new();
    for one in &request.deletions {
        wanted.entry(&one.name).or_default().push(Wanted::Remove { mechanism: one.mechanism });
    }
    for one in &request.upsertions {
        let store = Wanted::Store { mechanism: one.mechanism, iterations: one.iterations };
        wanted.entry(&one.name).or_default().push(store);
    }
    let results = wanted.into_iter().map(|(name, wanted)| {
        let refusal = match state.faults.refusal(call.key, name) {
            Some(refusal) => Some(refusal),
            None => alter_one(state, name, &wanted).err(),
        };
        let (code, words) = refusal.unwrap_or_default();
        AlterUserScramCredentialsResult::default()
            .with_user(StrBytes::from_string(name.to_owned()))
            .with_error_code(code)
            .with_error_message(words.map(StrBytes::from_string))
    });
    let response = AlterUserScramCredentialsResponse::default().with_results(results.collect());
    state.touch();
    response
}

/// One change of a user is made; of several, the first that is wrong is told, and then that they are several.
fn alter_one(state: &mut State, name: &str, wanted: &[Wanted]) -> Result<(), Refusal> {
    let mut trial = state.users.clone();
    for (place, one) in wanted.iter().enumerate() {
        let done = match one {
            Wanted::Remove { mechanism } => trial.remove(name, *mechanism),
            Wanted::Store { .. } if place > 0 => Err(UserError::Twice),
            Wanted::Store { mechanism, iterations } => trial.store(name, *mechanism, *iterations),
        };
        done.map_err(refused)?;
    }
    state.users = trial;
    Ok(())
}

fn refused(error: UserError) -> Refusal {
    let code = match error {
        UserError::Nameless | UserError::TooFew | UserError::TooMany => ResponseError::UnacceptableCredential,
        UserError::Mechanism => ResponseError::UnsupportedSaslMechanism,
        UserError::Absent => ResponseError::ResourceNotFound,
        UserError::Twice => ResponseError::DuplicateResource,
    };
    (code.code(), Some(error.to_string()))
}
