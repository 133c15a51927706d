//! Work on pieces by several threads, whose outcomes are taken in the order of the pieces.
//!
//! Piece after piece goes to the threads in turn, and outcomes are taken from them in the same turn:
//! so their order needs no sorting, and is the same however fast each thread is.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Pieces that one thread has at a time, the one that it works on included: it finds the next one ready.
const PIECES_AT_A_TIME: usize = 2;

/// A thread's way in and out.
struct Lane<P, R> {
    pieces: SyncSender<P>,
    outcomes: Receiver<R>,
}

/// Gives each piece of `next` to one of `threads` threads (at least one), which do `work` on it, and
/// what comes of it to `take`, in the order of the pieces. `next` and `take` run on the calling thread.
/// Pieces and outcomes that wait are bounded by the number of threads.
///
/// # Errors
///
/// The first one in the order of pieces, of `next` or `take`; all before it was taken.
pub(crate) fn in_order<P: Send, R: Send, E>(
    threads: usize,
    mut next: impl FnMut() -> Result<Option<P>, E>,
    work: impl Fn(P) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let work = &work;
    thread::scope(|scope| {
        let lanes: Vec<Lane<P, R>> = (0..threads.max(1))
            .map(|_| {
                // Both have room for all that a thread is given: no sender ever waits.
                let (pieces, given) = sync_channel(PIECES_AT_A_TIME);
                let (done, outcomes) = sync_channel(PIECES_AT_A_TIME);
                scope.spawn(move || given.iter().try_for_each(|piece| done.send(work(piece))));
                Lane { pieces, outcomes }
            })
            .collect();
        let (mut given, mut taken) = (0, 0);
        let mut take_next = |taken: &mut usize| {
            let outcome = lanes[*taken % lanes.len()].outcomes.recv();
            *taken += 1;
            // Without an outcome the thread has panicked, and so does the scope at its end.
            outcome.map_or(Ok(()), &mut take)
        };
        let ended = loop {
            match next() {
                Ok(Some(piece)) => {
                    if given - taken == lanes.len() * PIECES_AT_A_TIME {
                        take_next(&mut taken)?;
                    }
                    // Refused only by a thread that has panicked, likewise.
                    let _ = lanes[given % lanes.len()].pieces.send(piece);
                    given += 1;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        while taken < given {
            take_next(&mut taken)?;
        }
        ended
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_come_in_the_order_of_pieces() {
        for threads in [0, 1, 2, 3, 7] {
            let mut pieces = 0..1000u64;
            let mut taken = Vec::new();
            // Pieces take differently long.
            let work = |piece: u64| (0..piece % 7 * 1000).fold(piece, |a, b| a ^ b ^ b);
            let done: Result<(), ()> = in_order(
                threads,
                || Ok(pieces.next()),
                work,
                |outcome| {
                    taken.push(outcome);
                    Ok(())
                },
            );
            assert_eq!(done, Ok(()));
            assert_eq!(taken, (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_error_in_the_order_of_pieces_ends_it() {
        let run = |bad_piece: u32, end: u32| {
            let mut pieces = 0..;
            let mut taken = 0;
            let done = in_order(
                3,
                || match pieces.next() {
                    Some(piece) if piece < end => Ok(Some(piece)),
                    _ => Err("no more"),
                },
                |piece| piece,
                |piece| {
                    taken += 1;
                    if piece == bad_piece {
                        Err("bad")
                    } else {
                        Ok(())
                    }
                },
            );
            (done, taken)
        };
        assert_eq!(run(5, 6), (Err("bad"), 6));
        assert_eq!(run(50, 6), (Err("no more"), 6));
    }

    #[test]
    #[should_panic(expected = "scoped thread panicked")]
    fn a_panic_of_a_thread_is_not_lost() {
        let mut pieces = 0..100;
        let _: Result<(), ()> = in_order(
            2,
            || Ok(pieces.next()),
            |piece| assert!(piece != 7),
            |()| Ok(()),
        );
    }
}
