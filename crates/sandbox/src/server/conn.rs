//! One connection: requests are answered one after another, in order, as a broker does.

use crate::api::{self, Answer, Call, Harmed, Trial};
use crate::server::Shared;
use crate::state::State;
use bytes::Bytes;
use klerk_wire::frame::{CodecError, LENGTH_BYTES, frame_length};
use klerk_wire::serve::{RequestFrame, decode_request, encode_response, read_request};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// As `socket.request.max.bytes` of a broker.
const LARGEST_REQUEST: usize = 100 << 20;

/// What becomes of a connection that cannot go on.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Frame(#[from] klerk_wire::frame::FrameError),
    #[error("{0}")]
    Codec(#[from] CodecError),
}

/// Serves a connection until its client leaves, sends what is no request, or a fault closes it.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, node: i32, shared: Arc<Shared>) {
    if let Err(ended) = requests(stream, peer, node, &shared).await {
        tracing::debug!(%peer, node, %ended, "connection closed");
    }
}

async fn requests(mut stream: TcpStream, peer: SocketAddr, node: i32, shared: &Shared) -> Result<(), Ended> {
    stream.set_nodelay(true)?;
    loop {
        let mut length = [0; LENGTH_BYTES];
        stream.read_exact(&mut length).await?;
        let mut frame = vec![0; frame_length(length, LARGEST_REQUEST)?];
        stream.read_exact(&mut frame).await?;
        let request = read_request(Bytes::from(frame))?;
        let call = Call::new(node, peer, &request);
        let mut trial = shared.with(|state| Trial::arrive(state, &call, &request.body));
        if trial.close_before {
            return Ok(());
        }
        if trial.silent {
            // Whatever else the client says is heard by nobody, until it leaves.
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
            return Ok(());
        }
        let answer = api::answer(shared, &call, &mut trial, request).await?;
        let Call { key, version, node, ref client_id, ref host, ticket, received } = call;
        tracing::trace!(key, version, node, client_id, host, ticket, elapsed = ?received.elapsed(), "answered");
        trial.hold().await;
        if trial.stop_after {
            shared.with(|state| state.stop_broker(node));
            return Ok(());
        }
        if trial.close_after {
            return Ok(());
        }
        if let Some(bytes) = answer {
            stream.write_all(&bytes).await?;
        }
    }
}

/// Answers one request: its handler is asked again whenever the state changes, until it no longer waits.
pub(crate) async fn respond<R, A>(
    shared: &Shared,
    call: &Call,
    trial: &mut Trial,
    frame: RequestFrame,
    handler: fn(&mut State, &Call, &R) -> A,
) -> Result<Option<Bytes>, CodecError>
where
    R: Harmed,
    A: Into<Answer<R::Response>>,
{
    let request: R = decode_request(frame.body, frame.version)?;
    loop {
        let changed = shared.changed();
        tokio::pin!(changed);
        changed.as_mut().enable();
        match shared.with(|state| trial.attempt::<R, A>(state, call, |state| handler(state, call, &request)))
        {
            Answer::Ready(response) => {
                return encode_response::<R>(&response, frame.version, frame.correlation_id).map(Some);
            }
            Answer::Silent => return Ok(None),
            Answer::Close => {
                let reason = "it wants no answer and is refused".to_owned();
                return Err(CodecError::Decode { key: frame.key, version: frame.version, reason });
            }
            // Time that runs out is no error: the handler is asked once more and sees that it has.
            Answer::Wait { until } => drop(tokio::time::timeout_at(until, changed).await),
        }
    }
}
