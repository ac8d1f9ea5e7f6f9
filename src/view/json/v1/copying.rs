use super::InvalidDocument;
use super::loss::EstimateV1;
use klerk_core::plan::Copying;
use serde::{Deserialize, Serialize};

/// What is copied between brokers. Every figure is an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyingV1 {
    /// How many bytes, over all replicas that have to copy.
    pub bytes: EstimateV1<i64>,
    /// How many milliseconds the busiest broker takes at the throttle.
    pub takes_ms: EstimateV1<i64>,
    /// The throttle, in bytes a second and broker; null where there is none.
    pub throttle_bytes_per_second: Option<i64>,
}

impl From<&Copying> for CopyingV1 {
    fn from(copying: &Copying) -> Self {
        CopyingV1 {
            bytes: EstimateV1::of(&copying.bytes, |bytes| Some(*bytes)),
            takes_ms: EstimateV1::of(&copying.takes_ms, |takes| Some(*takes)),
            throttle_bytes_per_second: copying.throttle,
        }
    }
}

impl CopyingV1 {
    pub(super) fn to_core(&self) -> Result<Copying, InvalidDocument> {
        Ok(Copying {
            bytes: self.bytes.to_core(|bytes| Ok(*bytes))?,
            takes_ms: self.takes_ms.to_core(|takes| Ok(*takes))?,
            throttle: self.throttle_bytes_per_second,
        })
    }
}
