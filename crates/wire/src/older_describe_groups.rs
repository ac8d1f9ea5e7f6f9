//! DescribeGroups before its version 6, which tells the rights on a group that does not exist (KIP-1043 made it an error, and an
//! error comes without rights).

use kafka_protocol::messages::{DescribeGroupsRequest, DescribeGroupsResponse};
use kafka_protocol::protocol::buf::{ByteBuf, ByteBufMut};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message, Request, VersionRange};

/// The newest version that describes a group that does not exist as one that is dead.
const NEWEST: i16 = 5;

/// The request in a version that tells rights, whether there is such a group or not.
#[derive(Debug, Clone, PartialEq)]
pub struct OlderDescribeGroups(pub DescribeGroupsRequest);

impl Message for OlderDescribeGroups {
    const VERSIONS: VersionRange = VersionRange { min: DescribeGroupsRequest::VERSIONS.min, max: NEWEST };
    const DEPRECATED_VERSIONS: Option<VersionRange> = None;
}

impl HeaderVersion for OlderDescribeGroups {
    fn header_version(version: i16) -> i16 {
        DescribeGroupsRequest::header_version(version)
    }
}

impl Encodable for OlderDescribeGroups {
    fn encode<B: ByteBufMut>(&self, buf: &mut B, version: i16) -> anyhow::Result<()> {
        self.0.encode(buf, version)
    }

    fn compute_size(&self, version: i16) -> anyhow::Result<usize> {
        self.0.compute_size(version)
    }
}

impl Decodable for OlderDescribeGroups {
    fn decode<B: ByteBuf>(buf: &mut B, version: i16) -> anyhow::Result<Self> {
        DescribeGroupsRequest::decode(buf, version).map(OlderDescribeGroups)
    }
}

impl Request for OlderDescribeGroups {
    const KEY: i16 = DescribeGroupsRequest::KEY;
    type Response = DescribeGroupsResponse;
}
