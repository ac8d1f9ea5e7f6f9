use super::ResourceV1;
use crate::error::Explained;
use serde::Serialize;

/// `klerk.error`: what is printed in place of an answer.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorDocument {
    format: &'static str,
    version: u32,
    error: ErrorV1,
}

#[derive(Debug, Clone, Serialize)]
struct ErrorV1 {
    kind: &'static str,
    message: String,
    hints: Vec<String>,
    causes: Vec<String>,
    resource: Option<ResourceV1>,
    kafka: Option<KafkaV1>,
}

#[derive(Debug, Clone, Serialize)]
struct KafkaV1 {
    code: i32,
    name: String,
}

impl From<&Explained> for ErrorDocument {
    fn from(error: &Explained) -> Self {
        ErrorDocument {
            format: "klerk.error",
            version: 1,
            error: ErrorV1 {
                kind: error.kind.as_str(),
                message: error.message.clone(),
                hints: error.hints.clone(),
                causes: error.causes.clone(),
                resource: error.resource.as_ref().map(ResourceV1::from),
                kafka: error
                    .kafka
                    .as_ref()
                    .map(|kafka| KafkaV1 { code: kafka.code, name: kafka.name.clone() }),
            },
        }
    }
}
