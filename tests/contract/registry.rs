//! The registry over HTTP. The sandbox behaves as Apicurio does here; the manners of others are tested in `crates/sandbox`.

use anyhow::Result;

use crate::bed::Bed;
use crate::case::cases;

cases![Same:
    a_schema_gets_an_id_and_a_version,
];

fn a_schema_gets_an_id_and_a_version(bed: &Bed) -> Result<()> {
    let path = format!("/subjects/{}/versions", bed.name("orders-value"));
    let answer = bed.http("POST", &path, Some(r#"{"schemaType":"AVRO","schema":"\"string\""}"#))?;
    bed.is("status", answer.status, 200)?;
    bed.holds("the answer has an id", answer.body.contains("\"id\""))?;
    let again = bed.http("POST", &path, Some(r#"{"schemaType":"AVRO","schema":"\"string\""}"#))?;
    bed.is("the same text gets the same id", again.body == answer.body, true)?;
    bed.is("versions", bed.http("GET", &path, None)?.body, "[1]".to_owned())
}
