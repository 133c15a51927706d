//! Throughput Controllers: in which passes of their parents they run.

use std::sync::atomic::Ordering;

use loadline_plan::program::{Node, NodeId, NodeKind, ShareProgram};

use super::{Decisions, Walk};

/// State of a Throughput Controller.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    counts: Counts,
    /// Whether it runs in the present pass of its parent.
    runs: bool,
}

/// Passes of the parent so far, and in how many of them the controller ran.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    passes: u32,
    runs: u32,
}

impl Counts {
    /// Counts one more pass; whether the controller runs in it.
    ///
    /// Source: JMeter's `ThroughputController.decide`.
    fn decide(&mut self, limit: Bound) -> bool {
        let runs = match limit {
            Bound::Total(most) => i64::from(self.runs) < most,
            Bound::Percent(percent) => {
                (100.0 * f64::from(self.runs) + 50.0) / (f64::from(self.passes) + 1.0) < percent
            }
        };
        self.passes = self.passes.saturating_add(1);
        self.runs = self.runs.saturating_add(runs.into());
        runs
    }

    fn packed(self) -> u64 {
        (u64::from(self.passes) << 32) | u64::from(self.runs)
    }

    fn unpacked(packed: u64) -> Self {
        Self {
            passes: u32::try_from(packed >> 32).unwrap_or(u32::MAX),
            runs: u32::try_from(packed & u64::from(u32::MAX)).unwrap_or(u32::MAX),
        }
    }
}

#[derive(Clone, Copy)]
enum Bound {
    Total(i64),
    Percent(f64),
}

fn bound(limit: &ShareProgram, decisions: &mut dyn Decisions) -> Bound {
    match limit {
        ShareProgram::Total(most) => {
            let most = decisions.text(most).parse::<i32>();
            Bound::Total(most.unwrap_or(1).into())
        }
        // JMeter keeps it in single precision.
        ShareProgram::Percent(percent) => {
            let percent = decisions.text(percent).trim().parse::<f32>();
            Bound::Percent(percent.unwrap_or(100.0).into())
        }
    }
}

impl Walk {
    /// A pass of `parent` begins: decides for its children.
    pub(super) fn decide_shares(
        &mut self,
        parent: &Node,
        nodes: &[Node],
        decisions: &mut dyn Decisions,
    ) {
        for child in &parent.children {
            let NodeKind::Throughput { limit, shared } = &nodes[child.0 as usize].kind else {
                continue;
            };
            let bound = bound(limit, decisions);
            let shares = &mut self.rare().shares;
            let Some((_, share)) = shares.iter_mut().find(|(id, _)| id == child) else {
                continue;
            };
            share.runs = match shared {
                None => share.counts.decide(bound),
                Some(id) => {
                    let mut runs = false;
                    let counts = decisions.shared_count(*id);
                    counts
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |packed| {
                            let mut counts = Counts::unpacked(packed);
                            runs = counts.decide(bound);
                            Some(counts.packed())
                        })
                        .expect("the update always gives a value");
                    runs
                }
            };
        }
    }

    /// Whether the Throughput Controller `id` runs no more: it has run as often as it may, or has no
    /// children.
    pub(super) fn is_share_over(
        &self,
        id: NodeId,
        node: &Node,
        decisions: &mut dyn Decisions,
    ) -> bool {
        let NodeKind::Throughput { limit, shared } = &node.kind else {
            return false;
        };
        if node.children.is_empty() {
            return true;
        }
        let counts = match shared {
            Some(id) => Counts::unpacked(decisions.shared_count(*id).load(Ordering::Relaxed)),
            None => {
                let mut shares = self.rare.iter().flat_map(|rare| &rare.shares);
                let found = shares.find(|(known, _)| *known == id);
                found.map_or_else(Counts::default, |(_, share)| share.counts)
            }
        };
        match bound(limit, decisions) {
            Bound::Total(most) => i64::from(counts.runs) >= most,
            Bound::Percent(percent) => percent == 0.0,
        }
    }

    pub(super) fn runs_this_time(&self, node: NodeId) -> bool {
        let mut shares = self.rare.iter().flat_map(|rare| &rare.shares);
        shares.any(|(id, share)| *id == node && share.runs)
    }

    /// The controller has run in the present pass of its parent.
    pub(super) fn end_share(&mut self, node: NodeId) {
        let shares = &mut self.rare().shares;
        if let Some((_, share)) = shares.iter_mut().find(|(id, _)| *id == node) {
            share.runs = false;
        }
    }
}
