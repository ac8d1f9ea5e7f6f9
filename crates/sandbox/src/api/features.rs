//! What the cluster can do: the features in ApiVersions, and UpdateFeatures, which is refused.

use crate::api::Call;
use crate::state::State;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::api_versions_response::{
    ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use kafka_protocol::messages::{UpdateFeaturesRequest, UpdateFeaturesResponse};
use kafka_protocol::protocol::StrBytes;

/// The first version of ApiVersions that has features.
const WITH_FEATURES: i16 = 3;

/// The first version in which a level may be 0 (KIP-1022).
const WITH_LEVEL_0: i16 = 4;

/// Adds what is known of features to an answer, as far as its version has it.
pub(super) fn told(state: &State, answer: ApiVersionsResponse, version: i16) -> ApiVersionsResponse {
    if version < WITH_FEATURES {
        return answer;
    }
    let features = state.release.features();
    let supported = features.iter().filter(|one| one.min > 0 || version >= WITH_LEVEL_0).map(|one| {
        SupportedFeatureKey::default()
            .with_name(StrBytes::from_static_str(one.name))
            .with_min_version(one.min)
            .with_max_version(one.max)
    });
    let finalized = features.iter().filter_map(|one| {
        let level = one.finalized?;
        let key = FinalizedFeatureKey::default().with_name(StrBytes::from_static_str(one.name));
        Some(key.with_min_version_level(level).with_max_version_level(level))
    });
    answer
        .with_supported_features(supported.collect())
        .with_finalized_features(finalized.collect())
        .with_finalized_features_epoch(1)
}

pub(super) fn update(state: &mut State, _: &Call, request: &UpdateFeaturesRequest) -> UpdateFeaturesResponse {
    let controller = state.controller().unwrap_or(-1);
    let wrong = request.feature_updates.iter().find_map(|wanted| {
        let (name, level) = (wanted.feature.as_str(), wanted.max_version_level);
        let begin =
            format!("Invalid update version {level} for feature {name}. Local controller {controller}");
        match state.release.features().iter().find(|one| one.name == name) {
            None => Some(format!("{begin} does not support this feature.")),
            Some(one) if !(one.min..=one.max).contains(&level) => {
                Some(format!("{begin} only supports versions {}-{}", one.min, one.max))
            }
            Some(_) => None,
        }
    });
    let (code, words) = match wrong {
        Some(wrong) => (
            ResponseError::InvalidUpdateVersion,
            format!("The update failed for all features since the following feature had an error: {wrong}"),
        ),
        None => (
            ResponseError::FeatureUpdateFailed,
            "The sandbox does not change the features of its cluster.".to_owned(),
        ),
    };
    UpdateFeaturesResponse::default()
        .with_error_code(code.code())
        .with_error_message(Some(StrBytes::from_string(words)))
}
