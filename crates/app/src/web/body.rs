//! A body that is refused is read to its end: who still sends does not listen, and the sentence that
//! says why would never arrive.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use std::time::Duration;

/// What is read at once, before anybody asks whether it is wanted.
const SMALL: u64 = 64 * 1024;
/// A film from a phone; who sends more is cut off.
const MOST_UNHEARD: usize = 256 * 1024 * 1024;
/// Longer than any request may take.
const LONGEST: Duration = Duration::from_secs(120);

pub async fn hear_out(request: Request, next: Next) -> Response {
    let size = request.body().size_hint().upper();
    if size == Some(0) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    if size.is_some_and(|size| size <= SMALL) {
        let read = tokio::time::timeout(LONGEST, body.collect()).await;
        return match read {
            Ok(Ok(whole)) => {
                let whole = Body::from(whole.to_bytes());
                next.run(Request::from_parts(parts, whole)).await
            }
            _ => StatusCode::REQUEST_TIMEOUT.into_response(),
        };
    }
    let (to, from) = Channel::new(4);
    tokio::spawn(tokio::time::timeout(LONGEST, pass_on(body, to)));
    let passed = Request::from_parts(parts, Body::new(from));
    next.run(passed).await
}

/// Hands the body on as long as somebody reads it, and reads the rest unheard.
async fn pass_on(mut body: Body, to: Sender<Bytes, axum::Error>) {
    let mut reader = Some(to);
    let mut unheard: usize = 0;
    while let Some(frame) = body.frame().await {
        let frame = match (frame, reader.take()) {
            (Ok(frame), own) => {
                reader = own;
                frame
            }
            (Err(cut), Some(to)) => return to.abort(cut),
            (Err(_), None) => return,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = data.len();
        let is_heard = match &mut reader {
            Some(to) => to.send_data(data).await.is_ok(),
            None => false,
        };
        if !is_heard {
            reader = None;
            unheard = unheard.saturating_add(length);
        }
        if unheard > MOST_UNHEARD {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hear_out;
    use axum::Router;
    use axum::body::{Body, Bytes, to_bytes};
    use axum::extract::Request;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use http_body_util::channel::Channel;
    use tower::ServiceExt;

    fn part() -> Bytes {
        Bytes::from(vec![b'a'; 64 * 1024])
    }

    #[tokio::test]
    async fn what_is_refused_is_heard_to_its_end() {
        let refuse = post(|| async { StatusCode::PAYLOAD_TOO_LARGE });
        let house = Router::new().route("/", refuse).layer(from_fn(hear_out));
        let (mut phone, body) = Channel::<Bytes, axum::Error>::new(1);
        let request = Request::post("/").body(Body::new(body)).unwrap();
        let answer = house.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        for _ in 0..100 {
            phone.send_data(part()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_read_arrives_whole() {
        let read = post(|body: Bytes| async move { body });
        let house = Router::new().route("/", read).layer(from_fn(hear_out));
        let sent: Vec<u8> = (0..1_000_000u32).map(|at| (at % 251) as u8).collect();
        let request = Request::post("/").body(Body::from(sent.clone())).unwrap();
        let answer = house.oneshot(request).await.unwrap();
        let heard = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert_eq!(heard.to_vec(), sent);
    }
}
