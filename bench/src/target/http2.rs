//! HTTP/2 on a connection of the target: the answer of `/small`, on as many streams as a client opens.

use bytes::Bytes;
use h2::server;
use http::{Method, Request, Response, StatusCode, header};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Account, SMALL};

/// Most streams that a client may have open.
const MOST_STREAMS: u32 = 1000;

/// Answers until the client closes the connection.
pub(super) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    account: &Account,
) -> Result<(), h2::Error> {
    let mut connection = server::Builder::new()
        .max_concurrent_streams(MOST_STREAMS)
        .handshake(stream)
        .await?;
    // Polling the connection for the next request also carries out what was answered before.
    while let Some(accepted) = connection.accept().await {
        let (request, mut respond) = accepted?;
        let is_small = is_small(&request);
        if is_small {
            account.served.set(account.served.get() + 1);
        }
        let mut body = respond.send_response(head(is_small), false)?;
        body.send_data(Bytes::from_static(SMALL.as_bytes()), true)?;
    }
    Ok(())
}

fn is_small<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET && request.uri().path() == "/small"
}

/// The head of an answer, with the fields that it has over HTTP/1.1.
fn head(is_found: bool) -> Response<()> {
    let mut head = Response::new(());
    if !is_found {
        *head.status_mut() = StatusCode::NOT_FOUND;
    }
    let fields = [
        (header::CONTENT_TYPE, "application/json"),
        (header::SERVER, "bench"),
        (header::DATE, "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    for (name, value) in fields {
        head.headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    head.headers_mut()
        .insert(header::CONTENT_LENGTH, SMALL.len().into());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_small_answer_is_found_and_counted() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let account = Account::default();
        let (near, far) = tokio::io::duplex(64 * 1024);
        let ask = async {
            let (mut sender, connection) = h2::client::handshake(near).await.unwrap();
            let answers = async {
                let mut statuses = Vec::new();
                for path in ["small", "item", "small"] {
                    let request = Request::get(format!("https://target/{path}"));
                    sender = sender.ready().await.unwrap();
                    let (answer, _) = sender
                        .send_request(request.body(()).unwrap(), true)
                        .unwrap();
                    statuses.push(answer.await.unwrap().status().as_u16());
                }
                drop(sender);
                statuses
            };
            let (statuses, ended) = tokio::join!(answers, connection);
            ended.unwrap();
            statuses
        };
        let (served, statuses) =
            runtime.block_on(async { tokio::join!(converse(far, &account), ask) });
        served.unwrap();
        assert_eq!(statuses, [200, 404, 200]);
        assert_eq!(account.served.get(), 2);
    }
}
