use super::error::{Answered, RegistryError};
use klerk_core::values::Secret;
use serde_json::Value;

/// A body that came with its status, before anybody knows what it means.
pub(super) struct Reply {
    pub address: String,
    pub request: String,
    pub status: u16,
    /// Where a redirection points to.
    pub location: Option<String>,
    pub body: String,
    /// What was sent along and is not to be told, in each form in which a server may repeat it.
    pub secrets: Vec<Secret>,
}

impl Reply {
    /// Words of the server without the secrets that they repeat. They are masked as they are read, not in the text of a body,
    /// where JSON may have written them otherwise and where what stands for a key may be one.
    fn masked(&self, words: String) -> String {
        self.secrets.iter().fold(words, |words, secret| secret.masked_in(&words))
    }

    /// The error that a status other than 2xx stands for, whatever the form of the body.
    pub(super) fn into_error(self) -> RegistryError {
        let json = serde_json::from_str::<Value>(&self.body).ok();
        let code = json.as_ref().and_then(error_code);
        let words = match (&self.location, json.as_ref().and_then(message)) {
            (Some(location), _) => format!("it points to {location}"),
            (None, Some(message)) => message,
            (None, None) => self.body.trim().to_owned(),
        };
        let words = self.masked(words);
        let is_page = looks_like_a_page(&self.body);
        let answered =
            Answered { address: self.address, request: self.request, status: self.status, code, words };
        match answered.status {
            401 => RegistryError::Unauthorized(answered),
            403 => RegistryError::Forbidden(answered),
            300..=399 => RegistryError::NotARegistry(answered),
            404 if !matches!(code, Some(40400..=40499)) => RegistryError::NotARegistry(answered),
            400..=499 if is_page => RegistryError::NotARegistry(answered),
            _ => RegistryError::Refused(answered),
        }
    }

    /// The JSON of a body that came with a status of 2xx.
    pub(super) fn json(&self) -> Result<Value, RegistryError> {
        serde_json::from_str(&self.body).map_err(|error| {
            if looks_like_a_page(&self.body) {
                RegistryError::NotARegistry(self.answered())
            } else {
                self.unreadable(if self.body.trim().is_empty() {
                    "it is empty".to_owned()
                } else {
                    error.to_string()
                })
            }
        })
    }

    pub(super) fn unreadable(&self, reason: impl Into<String>) -> RegistryError {
        RegistryError::Unreadable { answered: self.answered(), reason: self.masked(reason.into()) }
    }

    fn answered(&self) -> Answered {
        Answered {
            address: self.address.clone(),
            request: self.request.clone(),
            status: self.status,
            code: None,
            words: self.masked(self.body.trim().to_owned()),
        }
    }
}

fn looks_like_a_page(body: &str) -> bool {
    body.trim_start().starts_with('<')
}

fn error_code(body: &Value) -> Option<i32> {
    let code = body.get("error_code")?;
    code.as_i64().and_then(|code| i32::try_from(code).ok()).or_else(|| code.as_str()?.parse().ok())
}

/// The words of an error's body: `message`, which some registries give as a list; else what proxies and frameworks
/// call it.
fn message(body: &Value) -> Option<String> {
    ["message", "detail", "title", "error_description", "error"]
        .into_iter()
        .filter_map(|key| body.get(key))
        .map(|value| texts(value).join("; "))
        .find(|words| !words.is_empty())
}

/// A text, or each text of a list; anything else as its JSON.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(texts).collect(),
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> RegistryError {
        let reply = Reply {
            address: "http://r".into(),
            request: "GET /subjects".into(),
            status,
            location: None,
            body: body.into(),
            secrets: Vec::new(),
        };
        reply.into_error()
    }

    #[test]
    fn secrets_that_are_repeated_are_masked() {
        let reply = |status, body: &str, secret: &str| Reply {
            address: "http://r".into(),
            request: "GET /subjects".into(),
            status,
            location: None,
            body: body.into(),
            secrets: vec![Secret::new(secret)],
        };
        let told = |status, body, secret| reply(status, body, secret).into_error().to_string();
        let bearer = told(401, r#"{"message":"Authorization: Bearer t0k3n"}"#, "t0k3n");
        assert!(bearer.ends_with("Authorization: Bearer ***"), "{bearer}");
        let escaped = told(401, r#"{"message":"bad hun\"ter"}"#, "hun\"ter");
        assert!(escaped.ends_with("bad ***"), "{escaped}");
        let word = reply(404, r#"{"error_code":40401,"message":"x"}"#, "error").into_error();
        assert!(word.is_not_found(), "a password that is a word of JSON hides no code: {word}");
        let page = reply(200, "<html>you sent t0k3n</html>", "t0k3n").json().unwrap_err().to_string();
        assert!(page.ends_with("<html>you sent ***</html>"), "{page}");
    }

    #[test]
    fn every_form_of_body_keeps_its_words() {
        insta::assert_snapshot!(error(409, r#"{"error_code":40901,"message":"too early"}"#), @"http://r: GET /subjects: HTTP 409, code 40901: too early");
        insta::assert_snapshot!(error(422, r#"{"error_code":"42203","message":["bad","level"]}"#), @"http://r: GET /subjects: HTTP 422, code 42203: bad; level");
        insta::assert_snapshot!(error(409, r#"{"message":"no code"}"#), @"http://r: GET /subjects: HTTP 409: no code");
        insta::assert_snapshot!(error(500, ""), @"http://r: GET /subjects: HTTP 500");
        insta::assert_snapshot!(error(503, "upstream\n went   away"), @"http://r: GET /subjects: HTTP 503: upstream went away");
        insta::assert_snapshot!(error(502, "<html><h1>Bad Gateway</h1></html>"), @"http://r: GET /subjects: HTTP 502: <html><h1>Bad Gateway</h1></html>");
        insta::assert_snapshot!(error(404, "<html>nothing</html>"), @"http://r: GET /subjects: this is not the address of a schema registry (HTTP 404): look at host, port and base path (that of Apicurio Registry is /apis/ccompat/v7): <html>nothing</html>");
        insta::assert_snapshot!(error(404, r#"{"detail":"no such path","status":404}"#), @"http://r: GET /subjects: this is not the address of a schema registry (HTTP 404): look at host, port and base path (that of Apicurio Registry is /apis/ccompat/v7): no such path");
        insta::assert_snapshot!(error(401, ""), @"http://r: the schema registry does not accept the credentials, or wants some (HTTP 401)");
        insta::assert_snapshot!(error(403, r#"{"message":"role"}"#), @"http://r: GET /subjects: the schema registry does not allow this (HTTP 403): role");
        assert!(error(404, r#"{"error_code":40401,"message":"x"}"#).is_not_found());
        assert!(error(404, r#"{"error_code":40408,"message":"x"}"#).is_not_found());
        assert!(!error(404, "").is_not_found());
    }
}
