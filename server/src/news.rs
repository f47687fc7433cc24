//! Tells pages that what is allowed has changed, over server-sent events (WHATWG HTML, section 9.2).
//!
//! The data of an event is a number of milliseconds over which pages spread their questions, by chance, so
//! that many open pages do not ask in the same instant. It grows with their number, and stays well below
//! the two seconds in which a page empties its buffer.
//!
//! An event says only that something changed; the page asks for its film again and is told what holds
//! for it. So an event tells nobody anything about orders that do not concern them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::broadcast::error::RecvError;

use crate::house::House;

/// A page whose connection ended asks again after this long.
const AGAIN: Duration = Duration::from_millis(500);
/// A proxy must not think a quiet connection dead.
const PULSE: Duration = Duration::from_secs(15);

/// Milliseconds of spread for each page that listens, and at most.
const SPREAD_EACH: usize = 2;
const SPREAD_MOST: usize = 1000;

/// A stream of `changed` events, one when it begins, so that nothing that happened before is missed.
#[utoipa::path(get, path = "/api/v1/news", responses((status = 200, content_type = "text/event-stream",
    description = "An event `changed` whenever what may be played has changed")))]
pub async fn follow(house: State<Arc<House>>) -> Response {
    let mut news = house.news.subscribe();
    let (send, events) = tokio::sync::mpsc::channel::<Result<Event, Infallible>>(4);
    tokio::spawn(async move {
        loop {
            let spread = (house.news.receiver_count() * SPREAD_EACH).min(SPREAD_MOST);
            let event = Event::default().event("changed").data(spread.to_string()).retry(AGAIN);
            if send.send(Ok(event)).await.is_err() {
                return;
            }
            tokio::select! {
                told = news.recv() => if matches!(told, Err(RecvError::Closed)) { return },
                () = send.closed() => return,
            }
        }
    });
    let stream = tokio_stream::wrappers::ReceiverStream::new(events);
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE));
    ([("cache-control", "no-store"), ("x-accel-buffering", "no")], sse).into_response()
}
