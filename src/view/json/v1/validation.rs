use klerk_core::plan::FileFinding;
use klerk_core::topology::{Fault, Faults};
use serde::Serialize;

/// `klerk.validation`: whether topology files are sound, and all that is wrong with them or unwise, each by its severity.
#[derive(Debug, Clone, Serialize)]
pub struct ValidationDocument {
    format: &'static str,
    version: u32,
    valid: bool,
    faults: Vec<FaultV1>,
}

#[derive(Debug, Clone, Serialize)]
struct FaultV1 {
    code: &'static str,
    severity: &'static str,
    message: String,
    /// The environments that have it; empty for a fault of the files themselves.
    environments: Vec<String>,
    /// The place; null for what stands at none.
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    fix: Option<String>,
}

impl From<&Faults> for ValidationDocument {
    fn from(faults: &Faults) -> Self {
        ValidationDocument {
            format: "klerk.validation",
            version: 1,
            valid: !faults.has_errors(),
            faults: faults.iter().map(FaultV1::from).collect(),
        }
    }
}

impl From<&[FileFinding]> for ValidationDocument {
    /// Of sound files: what is unwise stands where faults would, and says so by its severity.
    fn from(findings: &[FileFinding]) -> Self {
        let faults = findings.iter().map(FaultV1::from).collect();
        ValidationDocument { faults, ..ValidationDocument::from(&Faults::default()) }
    }
}

impl From<&FileFinding> for FaultV1 {
    fn from(found: &FileFinding) -> Self {
        let origin = found.finding.origin.as_ref();
        FaultV1 {
            code: found.finding.code,
            severity: found.finding.severity.as_str(),
            message: found.in_full().into_owned(),
            environments: found.environments.iter().cloned().collect(),
            file: origin.map(|origin| origin.file.to_string()),
            line: origin.map(|origin| origin.line),
            column: origin.map(|origin| origin.column),
            fix: None,
        }
    }
}

impl From<&Fault> for FaultV1 {
    fn from(fault: &Fault) -> Self {
        let origin = &fault.place.origin;
        FaultV1 {
            code: fault.code.as_str(),
            severity: fault.severity().as_str(),
            message: fault.in_full().into_owned(),
            environments: fault.environments.iter().cloned().collect(),
            file: Some(origin.file.to_string()),
            line: Some(origin.line),
            column: Some(origin.column),
            fix: fault.fix.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::topology::{Files, parse, resolve};

    #[test]
    fn every_fault_has_its_place() {
        let text = "klerk: 1\ntopics: { a: { partitions: 0, retention.ms: 7 d } }\n";
        let faults = resolve(parse([("t.yaml".to_owned(), text.to_owned())]), &Files::new()).unwrap_err();
        let document = serde_json::to_string_pretty(&ValidationDocument::from(&faults)).unwrap();
        insta::assert_snapshot!(document, @r#"
        {
          "format": "klerk.validation",
          "version": 1,
          "valid": false,
          "faults": [
            {
              "code": "topology/bad-value",
              "severity": "error",
              "message": "'partitions' has to be 1 or more, and this is 0",
              "environments": [],
              "file": "t.yaml",
              "line": 2,
              "column": 28,
              "fix": null
            },
            {
              "code": "topology/bad-duration",
              "severity": "error",
              "message": "'retention.ms' takes a duration, and '7 d' is none: a number lacks its unit (ms, s, m, h, d or w, without a blank before it)",
              "environments": [],
              "file": "t.yaml",
              "line": 2,
              "column": 45,
              "fix": "7d"
            }
          ]
        }
        "#);
        let document = serde_json::to_string(&ValidationDocument::from(&Faults::default())).unwrap();
        assert_eq!(document, r#"{"format":"klerk.validation","version":1,"valid":true,"faults":[]}"#);
    }
}
