//! What came of one request: its figures, its failure, and the parts that later elements read.

use loadline_engine::{Empty, Outcome, SampleError, Seldom};
use loadline_events::{NetworkTimes, SendOrWait};
use loadline_plan::program::HttpProgram;
use loadline_units::RunTime;

use super::authorization;
use super::content::ContentEncoding;
use super::exchange::ExchangeError;
use super::failure;
use super::head;
use super::http2;
use super::java_headers;
use super::response::{CutShort, KEPT_BODY_BYTES, Kept, ProtocolError, ResponseReader};
use super::url_path;
use super::wire::WireRequest;

/// Bytes of a failed answer's body of which the message is made, decoded.
const SHOWN_BYTES: usize = 1024;

/// What came of one request, and where its answer points.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) outcome: Outcome,
    pub(crate) lead: Seldom<Lead>,
}

/// What an answer asks for.
#[derive(Debug, Default)]
pub(crate) struct Lead {
    pub(crate) location: Option<Box<str>>,
    /// Values of the headers with the challenges of a 401 or 407.
    pub(crate) challenges: Vec<Box<str>>,
}

impl Empty for Lead {
    fn empty() -> &'static Self {
        const {
            &Self {
                location: None,
                challenges: Vec::new(),
            }
        }
    }
}

impl Step {
    /// A request that failed at the instant `now`, before it was sent.
    pub(crate) fn failed(error: SampleError, now: RunTime) -> Self {
        Self {
            outcome: Outcome {
                started: now,
                ended: now,
                error: Some(error.into()),
                ..Outcome::default()
            },
            lead: Seldom::default(),
        }
    }

    /// Whether more is to be sent: the answer asks for a user name, points elsewhere, or names resources
    /// that `program` wants.
    pub(crate) fn leads_on(&self, program: &HttpProgram) -> bool {
        let is_redirect = (300..400).contains(&self.outcome.status);
        self.outcome.error.is_none() && (is_redirect || program.embedded.is_some())
            || !self.lead.challenges.is_empty()
    }

    /// Fails since a manager of the plan could make nothing of the answer, of which the head is kept.
    pub(crate) fn refuse(&mut self, error: SampleError) {
        self.outcome.error = Some(error.into());
        self.outcome.response.body.clear();
    }
}

/// Whether the bodies of answers to `program` are read by somebody.
pub(crate) fn wants_body(program: &HttpProgram) -> bool {
    program.keep.body || program.embedded.is_some()
}

/// The figures of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) started: RunTime,
    /// How long it waited, before it started, for its turn to open a connection or for a free stream.
    pub(crate) wait_us: u32,
    pub(crate) connect_us: u32,
    pub(crate) network: NetworkTimes,
    pub(crate) first_byte_us: u32,
    pub(crate) sent: u64,
    pub(crate) connections_opened: u16,
    pub(crate) retried: bool,
}

impl Figures {
    /// The parts of the time; of a request that waited, sending is not told.
    fn times(&self) -> NetworkTimes {
        match self.wait_us {
            0 => self.network,
            wait_us => NetworkTimes {
                send_or_wait: SendOrWait::wait(wait_us),
                ..self.network
            },
        }
    }
}

pub(crate) fn exchange_failure(error: ExchangeError, request: &WireRequest) -> SampleError {
    match error {
        ExchangeError::Unanswered(None) => failure::no_response(&request.host, request.port),
        ExchangeError::Unanswered(Some(error)) | ExchangeError::Broken(error) => {
            failure::transfer(&error)
        }
        ExchangeError::CutShort(cut @ CutShort::Chunk { .. }) => {
            failure::chunk_cut_short(&cut.to_string())
        }
        ExchangeError::CutShort(cut) => failure::cut_short(&cut.to_string()),
        ExchangeError::Protocol(error @ ProtocolError::Chunk) => {
            failure::chunked_coding(&error.to_string())
        }
        ExchangeError::Protocol(error) => failure::protocol(&error.to_string()),
        ExchangeError::Timeout => failure::read_timeout(),
    }
}

/// Puts the outcome of a request together, with what `reader` has kept of its answer.
pub(crate) fn step(
    request: &WireRequest,
    program: &HttpProgram,
    figures: &Figures,
    reader: &mut ResponseReader,
    result: Result<(), SampleError>,
    ended: RunTime,
) -> Step {
    let mut outcome = Outcome {
        started: figures.started,
        ended,
        connect_us: figures.connect_us,
        network: figures.times(),
        first_byte_us: figures.first_byte_us,
        status: reader.status(),
        error: result.err().map(Box::new),
        sent_bytes: u32::try_from(figures.sent).unwrap_or(u32::MAX),
        received_bytes: u32::try_from(reader.received()).unwrap_or(u32::MAX),
        connections_opened: figures.connections_opened,
        retried: figures.retried,
        ..Outcome::default()
    };
    keep_request(&mut outcome, request, program);
    let mut lead = Seldom::default();
    if let Some(kept) = reader.take_kept() {
        keep_response(&mut outcome, &mut lead, *kept, program);
    }
    Step { outcome, lead }
}

/// Moves what was kept of the answer into `outcome`, and what it asks for into `lead`.
fn keep_response(
    outcome: &mut Outcome,
    lead: &mut Seldom<Lead>,
    kept: Kept,
    program: &HttpProgram,
) {
    let response = &mut outcome.response;
    response.message = kept.reason;
    // Of an answer that broke off JMeter keeps no head.
    if outcome.error.is_none() {
        response.headers = kept.headers;
    }
    response.content_type = kept.content_type;
    let mut shown = Vec::new();
    let wants_body = wants_body(program);
    if wants_body {
        match kept.encoding {
            ContentEncoding::Identity => response.body = kept.body,
            encoding => match encoding.decode(&kept.body, KEPT_BODY_BYTES) {
                Ok(body) => response.body = body,
                Err(error) => {
                    // A body that was cut, by its bound or by the connection, says nothing against
                    // the encoding.
                    let is_cut = kept.body.len() >= KEPT_BODY_BYTES || outcome.error.is_some();
                    response.body = encoding.decode_beginning(&kept.body, KEPT_BODY_BYTES);
                    if !is_cut {
                        outcome.error = Some(failure::content_encoding(&error.to_string()).into());
                    }
                }
            },
        }
    } else if outcome.status >= 400 {
        shown = kept.encoding.decode_beginning(&kept.body, SHOWN_BYTES);
    }
    if outcome.status >= 400 && outcome.error.is_none() {
        let body = if wants_body { &response.body } else { &shown };
        let shown = &body[..body.len().min(SHOWN_BYTES)];
        outcome.error = Some(failure::status(outcome.status, shown).into());
    }
    if program.md5 && wants_body {
        response.body = authorization::hex_md5(&response.body).into_bytes();
    }
    if kept.location.is_some() || !kept.challenges.is_empty() {
        lead.location = kept.location;
        lead.challenges = kept.challenges;
    }
}

/// Copies what later elements read of the request.
pub(crate) fn keep_request(outcome: &mut Outcome, request: &WireRequest, program: &HttpProgram) {
    if !program.keep.request && program.embedded.is_none() {
        return;
    }
    let response = &mut *outcome.response;
    // A client that follows redirects by itself tells of the URL that it sent.
    response.url = match program.auto_redirects && !program.java_client {
        true => url_path::as_sent(&request.url).into(),
        false => request.url.as_str().into(),
    };
    if !program.keep.request {
        return;
    }
    response.method = request.method_text().into();
    let lines: Vec<u8> = match request.http2 {
        Some(_) => http2::head::told_lines(request),
        None => {
            let bytes = request.told_lines().iter().copied();
            bytes.filter(|&byte| byte != b'\r').collect()
        }
    };
    let lines = head::as_text(lines);
    response.request_headers = match program.java_client {
        true => java_headers::as_told(&lines),
        false => lines,
    };
    response.request_body = match &request.shown_body {
        Some(shown) => shown.clone(),
        None => request.body().to_vec(),
    };
}
