//! Asks a name server of the plan's choice for the addresses of a name (RFC 1035, over UDP).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use loadline_engine::SampleError;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, TYPE};
use tokio::net::UdpSocket;

use super::failure;

/// How long a server may take before the next one is asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Greatest size of an answer without extensions, in bytes; larger ones are cut by the server.
const ANSWER_BYTES: usize = 4096;

/// The IPv4 addresses of `name` by the first of `servers` that answers, beginning with the one at
/// `turn`.
///
/// # Errors
///
/// A failed sample when none answers, or none knows the name.
pub(crate) async fn addresses(
    name: &str,
    servers: &[SocketAddr],
    turn: usize,
) -> Result<Vec<IpAddr>, SampleError> {
    let unknown = || failure::unknown_host_because(&format!("Failed to resolve host name: {name}"));
    // The number tells answers of an earlier question apart.
    let number = (turn & 0xffff) as u16;
    let question = question(name, number).ok_or_else(unknown)?;
    for index in 0..servers.len() {
        let server = servers[(turn + index) % servers.len()];
        let asking = ask(&question, number, server);
        if let Ok(Ok(found)) = tokio::time::timeout(PATIENCE, asking).await
            && !found.is_empty()
        {
            return Ok(found);
        }
    }
    Err(unknown())
}

fn question(name: &str, number: u16) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(number);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).ok()?;
    packet
        .questions
        .push(Question::new(name, TYPE::A.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

async fn ask(question: &[u8], number: u16, server: SocketAddr) -> std::io::Result<Vec<IpAddr>> {
    let own: SocketAddr = if server.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let socket = UdpSocket::bind(own).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut buffer = vec![0; ANSWER_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(found) = answer(&buffer[..length], number) {
            return Ok(found);
        }
    }
}

/// The addresses in an answer to the question `number`; `None` if it is none.
fn answer(bytes: &[u8], number: u16) -> Option<Vec<IpAddr>> {
    let packet = Packet::parse(bytes).ok()?;
    if packet.id() != number {
        return None;
    }
    let records = packet.answers.iter();
    let addresses = records.filter_map(|record| match &record.rdata {
        RData::A(record) => Some(IpAddr::V4(Ipv4Addr::from(record.address))),
        _ => None,
    });
    Some(addresses.collect())
}
