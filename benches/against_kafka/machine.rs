//! What the figures depend on besides the programs.

use std::fs;
use std::thread::available_parallelism;

/// Cores and load average, without naming the machine.
pub fn state() -> String {
    let cores = available_parallelism().map_or_else(|_| "unknown".to_owned(), |cores| cores.to_string());
    let load = fs::read_to_string("/proc/loadavg").ok().and_then(|text| {
        let minutes: Vec<&str> = text.split_whitespace().take(3).collect();
        (minutes.len() == 3).then(|| minutes.join(" "))
    });
    let load = load.unwrap_or_else(|| "not available".to_owned());
    format!("cores {cores}, load average over 1, 5 and 15 minutes {load}")
}
