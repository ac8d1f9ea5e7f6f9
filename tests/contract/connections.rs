//! What every connection begins with, and how one ends.

use anyhow::Result;
use kafka_protocol::messages::{ApiVersionsRequest, MetadataRequest};

use crate::bed::{Bed, text};
use crate::case::cases;

cases![Same:
    a_client_says_what_it_is_from_version_3_on,
    requests_are_answered_one_after_another_on_one_connection,
    a_version_that_nobody_has_closes_the_connection,
];

fn requests_are_answered_one_after_another_on_one_connection(bed: &Bed) -> Result<()> {
    let mut connection = bed.connect(2)?;
    for version in [0, 1, 2, 3, 4] {
        let mut request = ApiVersionsRequest::default();
        if version >= 3 {
            request = request
                .with_client_software_name(text("klerk-testbed"))
                .with_client_software_version(text("1.0"));
        }
        bed.is(
            &format!("code of ApiVersions v{version}"),
            connection.call(&request, version)?.error_code,
            0,
        )?;
    }
    let brokers = connection.call(&MetadataRequest::default().with_topics(Some(Vec::new())), 12)?.brokers;
    bed.is("brokers", brokers.len(), 3)
}

fn a_client_says_what_it_is_from_version_3_on(bed: &Bed) -> Result<()> {
    bed.is("code in version 2", bed.call(&ApiVersionsRequest::default(), 2)?.error_code, 0)?;
    for (name, version, code) in [
        ("", "", 42),
        ("", "1.0", 42),
        ("klerk", "", 42),
        ("klerk testbed", "1.0", 42),
        ("klerk-", "1.0", 42),
        ("klerk_testbed", "1.0", 42),
        ("klerk", "1.0+x", 42),
        ("k", "1", 0),
        ("klerk.testbed-2", "1.0-rc.1", 0),
    ] {
        let request = ApiVersionsRequest::default()
            .with_client_software_name(text(name))
            .with_client_software_version(text(version));
        let answer = bed.call(&request, 3)?;
        let what = format!("code of {name:?} {version:?}");
        bed.is(&what, (answer.error_code, answer.api_keys.is_empty()), (code, code != 0))?;
        bed.tell(format!("{:?}", (answer.finalized_features_epoch < 0, answer.supported_features.len() > 3)));
    }
    Ok(())
}

fn a_version_that_nobody_has_closes_the_connection(bed: &Bed) -> Result<()> {
    // The codec refuses to write it, so the version is put where the request has it.
    let mut connection = bed.connect(1)?;
    let closed = connection.call_raw(3, 99, &[0; 16]).is_err();
    bed.is("closed", closed, true)
}
