use super::Registry;
use crate::faults::Times;
use std::time::Duration;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpHarm {
    /// Another answer leaves.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers, by name; `Retry-After`, say.
        headers: Vec<(String, String)>,
        /// Its body.
        body: String,
        /// Whether the request is carried out all the same.
        carried_out: bool,
    },
    /// The request is carried out, and only the first half of the answer's body leaves.
    HalfTheBody,
    /// The request is carried out, and the answer leaves this much later.
    Late(Duration),
    /// Nothing is done and nothing is ever answered; the connection stays open.
    Silence,
    /// The connection closes and nothing was done.
    CloseBefore,
    /// The request is carried out, and the connection closes without an answer.
    CloseAfter,
}

impl HttpHarm {
    /// A page of HTML, as proxies and wrong addresses answer, whether or not the request went through to the registry.
    pub fn page(status: u16, carried_out: bool) -> HttpHarm {
        let body = format!("<html><body><h1>{status}</h1></body></html>");
        HttpHarm::Answer { status, headers: vec![header("content-type", "text/html")], body, carried_out }
    }

    /// A status without a body; nothing is carried out.
    pub fn status(status: u16) -> HttpHarm {
        HttpHarm::Answer { status, headers: Vec::new(), body: String::new(), carried_out: false }
    }

    /// A status that asks for another try after some seconds.
    pub fn try_again(status: u16, seconds: u32) -> HttpHarm {
        let headers = vec![header("retry-after", &seconds.to_string())];
        HttpHarm::Answer { status, headers, body: String::new(), carried_out: false }
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// A fault that has been armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFault {
    /// The method, such as `POST`; every one when it is not given.
    pub method: Option<String>,
    /// How the path begins below the base path, decoded, such as `/subjects/orders-value`; every one when it is not given.
    pub path: Option<String>,
    /// What goes wrong.
    pub harm: HttpHarm,
    /// How often.
    pub times: Times,
}

impl Registry {
    /// What happens to a request, which counts as having gone off.
    pub(super) fn harm(&mut self, method: &str, path: &[String]) -> Option<HttpHarm> {
        let path = format!("/{}", path.join("/"));
        let fits = |fault: &HttpFault| {
            fault.method.as_deref().is_none_or(|wanted| wanted == method)
                && fault.path.as_deref().is_none_or(|wanted| path.starts_with(wanted))
        };
        let place = self.faults.iter().position(fits)?;
        let fault = self.faults.get_mut(place)?;
        let harm = fault.harm.clone();
        self.harmed.push(format!("{method} {path}"));
        if let Times::Next(left) = &mut fault.times {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.faults.remove(place);
            }
        }
        Some(harm)
    }
}
