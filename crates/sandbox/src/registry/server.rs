//! HTTP: bytes to requests, answers to bytes.

use super::answers::Answer;
use super::faults::HttpHarm;
use super::line::{Lines, Shears};
use super::refusal::{Refusal, Refused, RefusedBody};
use super::request::Request;
use super::{Registry, routes};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
const JSON: &str = "application/json";

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 16 << 20;

/// The registry as its requests share it.
#[derive(Debug)]
pub(crate) struct Desk(Mutex<Registry>);

impl Desk {
    pub fn new(registry: Registry) -> Desk {
        Desk(Mutex::new(registry))
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut Registry) -> T) -> T {
        act(&mut self.lock())
    }

    // A hook that panicked in a test must not turn every later answer into a panic of its own.
    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let service = Router::new().fallback(answer).with_state(desk);
    let service = service.into_make_service_with_connect_info::<Shears>();
    if let Err(error) = axum::serve(Lines::new(listener), service).await {
        tracing::debug!(%error, "the registry no longer serves");
    }
}

async fn answer(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(shears): ConnectInfo<Shears>,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await;
    let manner = desk.with(|registry| registry.manner);
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let bytes = body.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default();
    let read = Request::read(manner, head.method.as_str(), path, query, bytes);
    let harm = read.as_ref().and_then(|read| desk.with(|registry| registry.harm(&read.method, &read.path)));
    match &harm {
        Some(HttpHarm::Silence) => std::future::pending().await,
        Some(HttpHarm::CloseBefore) => {
            shears.cut();
            return Response::default();
        }
        Some(HttpHarm::Answer { status, headers, body, carried_out: false }) => {
            return instead(*status, headers, body);
        }
        _ => {}
    }
    let response = desk.with(|registry| {
        let done = match read {
            None => Err(Refusal::NoSuchPath),
            Some(_) if body.is_err() => Err(Refusal::TooLarge),
            Some(read) => carry_out(registry, &read, &head.headers),
        };
        tracing::trace!(method = %head.method, path, ok = done.is_ok(), "answered");
        respond(registry, done, &head.headers)
    });
    match harm {
        Some(HttpHarm::CloseAfter) => shears.cut(),
        Some(HttpHarm::Late(by)) => tokio::time::sleep(by).await,
        Some(HttpHarm::Answer { status, headers, body, .. }) => return instead(status, &headers, &body),
        Some(HttpHarm::HalfTheBody) => return half(response).await,
        Some(HttpHarm::Silence | HttpHarm::CloseBefore) | None => {}
    }
    response
}

fn carry_out(registry: &mut Registry, request: &Request, headers: &HeaderMap) -> Result<Answer, Refusal> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let changes = match request.method.as_str() {
        "GET" => false,
        // A lookup and a check change nothing.
        "POST" => request.path.len() > 2 && request.path.first().is_some_and(|first| first == "subjects"),
        _ => true,
    };
    registry.access.admits(text(header::AUTHORIZATION), changes)?;
    let known = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        [MEDIA_TYPE, JSON, "application/vnd.schemaregistry+json", "application/octet-stream"].contains(&kind)
    };
    let has_body = matches!(request.method.as_str(), "POST" | "PUT");
    if has_body && !text(header::CONTENT_TYPE).is_none_or(known) {
        return Err(Refusal::MediaType);
    }
    routes::act(registry, request)
}

fn respond(registry: &Registry, done: Result<Answer, Refusal>, headers: &HeaderMap) -> Response {
    let (status, kind, body) = match done {
        Ok(Answer::Json(value)) => (200, Some(media_type(registry, headers)), value.to_string()),
        Ok(Answer::Text(text)) => (200, Some(media_type(registry, headers)), text),
        Ok(Answer::Nothing) => (204, None, String::new()),
        Err(refusal) => {
            let Refused { status, body } = refusal.answer(registry.manner);
            let kind = if registry.manner.is_apicurio() { JSON } else { media_type(registry, headers) };
            match body {
                RefusedBody::Json(value) => (status, Some(kind), value.to_string()),
                RefusedBody::Text(text) => (status, Some(kind), text),
                RefusedBody::Empty => (status, Some(JSON), String::new()),
            }
        }
    };
    let mut response = plain(status, body);
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if status == 401 {
        let scheme = HeaderValue::from_static(registry.access.scheme());
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The media type of an answer: plain JSON for who asks for that, and in the manner of Apicurio for who does not ask.
fn media_type(registry: &Registry, headers: &HeaderMap) -> &'static str {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    if accepted.contains("vnd.schemaregistry") {
        MEDIA_TYPE
    } else if accepted.contains(JSON) || registry.manner.is_apicurio() {
        JSON
    } else {
        MEDIA_TYPE
    }
}

fn plain(status: u16, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn instead(status: u16, headers: &[(String, String)], body: &str) -> Response {
    let mut response = plain(status, body.to_owned());
    for (name, value) in headers {
        let name = header::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The same answer with the first half of its body.
async fn half(response: Response) -> Response {
    let (head, body) = response.into_parts();
    let whole = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    Response::from_parts(head, Body::from(half))
}
