//! Parallel Controllers: what is below one runs at the same time, each child as a branch of the user.
//!
//! A branch is a user with a walk and connections of its own, and with the cookies and the variables
//! of the one that it belongs to: what one sets, the others see from their next step on.
//!
//! Source: `ParallelSampler` of the plugin jmeter-parallel 0.12, where branches are threads that share
//! one map of variables.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use loadline_events::{ErrorKind, Sample, SampleFlags, SampleResult};
use loadline_plan::program::{LabelProgram, NodeId, ParallelProgram, SamplerProgram};
use loadline_units::{Clock as _, RunTime};

use super::{Due, Flow, User};
use crate::walk::Walk;
use crate::{IterationStart, Outcome, Response, SampleError, Sampler, Variables, chance};

/// What a user has to do with Parallel Controllers.
pub(super) struct Parallel<S: Sampler> {
    /// What the user is a branch of.
    of: Option<Membership>,
    /// The user's own branches, by their nodes: they count and pace from one time to the next.
    branches: Vec<(NodeId, User<S>)>,
}

/// A branch's place in its controller.
struct Membership {
    /// Whether its samples are parts of the controller's own, which alone is heard.
    is_part: bool,
    /// The name of its thread that listeners hear with each result, if not the user's.
    thread: Option<Box<str>>,
    samples: Vec<Sample>,
    results: Vec<SampleResult>,
    /// The variables of all branches.
    shared: Rc<RefCell<Variables>>,
    /// Those that this one saw last.
    seen: Variables,
}

/// What all branches begin with.
struct Beginning {
    started: RunTime,
    ready_at: RunTime,
    due: Option<Due>,
    shared: Rc<RefCell<Variables>>,
    thread: Option<Box<str>>,
}

/// A branch on its way.
type Running<'r> = Pin<Box<dyn Future<Output = Flow> + 'r>>;

impl<S: Sampler> User<S> {
    pub(super) fn is_branch(&self) -> bool {
        self.membership().is_some()
    }

    /// Whether samples are parts of that of a Parallel Controller.
    pub(super) fn is_part_of_parallel(&self) -> bool {
        self.membership().is_some_and(|of| of.is_part)
    }

    /// The controller that the user is a branch of hears of a sample.
    pub(super) fn add_to_parallel(&mut self, sample: &Sample) {
        if let Some(of) = self.membership_mut() {
            of.samples.push(*sample);
        }
    }

    /// The controller that the user is a branch of hears a result. `None` when nobody else does.
    pub(super) fn tell_parallel(&mut self, mut result: SampleResult) -> Option<SampleResult> {
        let Some(of) = self.membership_mut() else {
            return Some(result);
        };
        if let Some(thread) = &of.thread {
            result.thread_name = thread.to_string();
        }
        let for_all = (!of.is_part).then(|| result.clone());
        of.results.push(result);
        for_all
    }

    /// Gives the other branches what this one has set since it last did, and takes what they have.
    pub(super) fn share_variables(&mut self) {
        let of = self.parallel.as_mut().and_then(|own| own.of.as_mut());
        if let Some(of) = of {
            let mut shared = of.shared.borrow_mut();
            shared.take_changes(&of.seen, &self.own.variables);
            of.seen.clone_from(&shared);
            self.own.variables.clone_from(&shared);
        }
    }

    /// Runs the branches of `parallel`; `None` when there was no sample.
    pub(super) async fn run_parallel(
        &mut self,
        program: &SamplerProgram,
        parallel: &ParallelProgram,
    ) -> Option<Flow> {
        if let Some(slot) = self.worker.last_sample_ok {
            // Each thread of the plugin begins like that.
            self.own.variables.set(slot, "true");
        }
        let beginning = Beginning {
            started: self.worker.clock.now(),
            ready_at: self.ready_at,
            due: self.due,
            shared: Rc::new(RefCell::new(self.own.variables.clone())),
            thread: self.thread_of_branches(parallel),
        };
        let mut branches: Vec<User<S>> = (parallel.branches.iter())
            .map(|node| self.branch(*node, parallel.parent_sample, &beginning))
            .collect();
        let running = branches.iter_mut().map(|branch| -> Running<'_> {
            Box::pin(async {
                let flow = branch.go_on().await;
                branch.cut_transactions_short();
                branch.share_variables();
                branch.worker.sampler.close_connections(&branch.session);
                flow
            })
        });
        let most = parallel.most.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX).max(1)
        });
        let ended = run_together(running.collect(), most).await;
        let (mut samples, mut results) = (Vec::new(), Vec::new());
        let mut flow = Flow::On;
        for (index, flow_of_branch) in ended {
            self.has_sampled |= branches[index].has_sampled;
            flow = flow.and(flow_of_branch);
        }
        for of in branches.iter_mut().filter_map(User::membership_mut) {
            samples.append(&mut of.samples);
            results.append(&mut of.results);
        }
        self.own.variables.clone_from(&beginning.shared.borrow());
        let kept = parallel.branches.iter().copied().zip(branches);
        self.parallel_mut().branches.extend(kept);
        let has_sampled = !samples.is_empty() || parallel.parent_sample;
        if parallel.parent_sample {
            let own = self.report_parallel(program, parallel, &beginning, &samples, results);
            flow = flow.and(own);
        } else {
            self.ready_at = self.ready_at.max(self.worker.clock.now());
            self.add_to_transactions(&samples, &results);
        }
        if has_sampled {
            self.due = None;
            self.empty_passes = 0;
        }
        (has_sampled || flow != Flow::On).then_some(flow)
    }

    /// The name that threads of the plugin have for children of the controller, if listeners hear
    /// them by themselves.
    fn thread_of_branches(&mut self, parallel: &ParallelProgram) -> Option<Box<str>> {
        let is_heard =
            self.worker.ear.is_some() && !parallel.parent_sample && !self.is_part_of_parallel();
        is_heard.then(|| {
            let name = self.own.text(&self.worker, &parallel.name);
            format!("parallel {name}").into()
        })
    }

    /// Whether a Parallel Controller of the user has run what is below it. As the plugin's threads
    /// leave it, the user is a new one in each iteration from then on.
    pub(super) fn has_run_branches(&self) -> bool {
        let own = self.parallel.as_ref();
        own.is_some_and(|own| !own.branches.is_empty())
    }

    /// Branches begin an iteration when their user does.
    pub(super) fn start_iteration_of_branches(&self, start: IterationStart) {
        let Some(own) = &self.parallel else {
            return;
        };
        for (_, branch) in &own.branches {
            self.worker.sampler.start_iteration(&branch.session, start);
            branch.start_iteration_of_branches(start);
        }
    }

    /// The branch at `node`, ready to go.
    fn branch(&mut self, node: NodeId, is_part: bool, beginning: &Beginning) -> User<S> {
        let is_part = is_part || self.is_part_of_parallel();
        let known = &mut self.parallel_mut().branches;
        let mut branch = match known.iter().position(|(known, _)| *known == node) {
            Some(index) => known.swap_remove(index).1,
            None => self.new_branch(node),
        };
        branch.own.variables.clone_from(&self.own.variables);
        branch.own.previous.clone_from(&self.own.previous);
        branch.own.identity.clone_from(&self.own.identity);
        branch.walk = Walk::new(&self.group.program().nodes);
        branch.walk.start_at(node);
        branch.end = self.end;
        branch.iteration = self.iteration;
        branch.has_sampled = self.has_sampled;
        branch.ready_at = beginning.ready_at;
        branch.due = beginning.due;
        branch.parallel_mut().of = Some(Membership {
            is_part,
            thread: beginning.thread.clone(),
            samples: Vec::new(),
            results: Vec::new(),
            shared: Rc::clone(&beginning.shared),
            seen: branch.own.variables.clone(),
        });
        branch
    }

    fn new_branch(&self, node: NodeId) -> User<S> {
        let identity = &self.own.identity;
        let index = identity.thread_number.saturating_sub(1);
        let mut branch = User::new(
            Rc::clone(&self.worker),
            Rc::clone(&self.group),
            index,
            // Generations of users count from 0.
            u32::MAX - node.0,
        );
        let number = identity.number;
        branch.session = Rc::new(self.worker.sampler.session_beside(number, &self.session));
        branch.csv.clone_from(&self.csv);
        let seed = self.worker.prepared.seed;
        branch.own.chance = chance::of_user(seed, identity.number, u32::MAX - node.0);
        branch
    }

    /// Records the sample of the controller itself, of which those of its branches are parts; where the
    /// user goes then.
    fn report_parallel(
        &mut self,
        program: &SamplerProgram,
        parallel: &ParallelProgram,
        beginning: &Beginning,
        samples: &[Sample],
        mut results: Vec<SampleResult>,
    ) -> Flow {
        let worker = Rc::clone(&self.worker);
        let label = self.label(&program.label, true);
        self.due = beginning.due;
        let mut planned = self.planned(label, beginning.ready_at, beginning.started);
        planned.flags = planned.flags.with(SampleFlags::TRANSACTION);
        if self.in_parent_sample() {
            planned.flags = planned.flags.with(SampleFlags::PART);
        }
        let ended = worker.clock.now();
        self.ready_at = ended;
        let failed = samples.iter().find(|part| part.error != ErrorKind::None);
        let sum =
            |bytes: fn(&Sample) -> u32| samples.iter().map(bytes).fold(0, u32::saturating_add);
        let mut items = "Parallel items:\n".to_owned();
        for name in &parallel.items {
            items += self.own.text(&worker, name);
            items.push('\n');
        }
        let outcome = Outcome {
            started: beginning.started,
            ended,
            status: 200,
            error: failed.map(|part| {
                Box::new(SampleError {
                    kind: part.error,
                    code: "200".into(),
                    message: "OK".into(),
                })
            }),
            sent_bytes: sum(|part| part.sent_bytes),
            received_bytes: sum(|part| part.received_bytes),
            response: Response {
                message: "OK".into(),
                request_body: items.into_bytes(),
                ..Response::default()
            }
            .into(),
            ..Outcome::default()
        };
        let name = match &program.label {
            LabelProgram::Static(index) => &*worker.prepared.program.labels[usize::from(*index)],
            LabelProgram::Dynamic(_) => "",
        };
        results.sort_by_key(|part| part.ended_ms);
        let flow = self.close(program, planned, outcome, name, results);
        flow.unwrap_or(Flow::On)
    }

    /// Adds what branches without a sample of their controller did to the sums of transactions around
    /// it. Those with samples of their own hear of samplers of the user itself only.
    fn add_to_transactions(&mut self, samples: &[Sample], results: &[SampleResult]) {
        let group = Rc::clone(&self.group);
        let (nodes, programs) = (&group.program().nodes, &group.program().transactions);
        for transaction in &mut self.transactions {
            let id = transaction.id();
            if programs[id.0 as usize].parent_sample || !self.walk.is_inside(id, nodes) {
                continue;
            }
            for sample in samples {
                transaction.add(sample);
            }
            if let Some(heard) = &mut transaction.heard {
                for result in results {
                    heard.add(result);
                }
            }
        }
        if let Some(of) = self.membership_mut() {
            of.samples.extend_from_slice(samples);
            of.results.extend_from_slice(results);
        }
    }

    fn membership(&self) -> Option<&Membership> {
        self.parallel.as_ref()?.of.as_ref()
    }

    fn membership_mut(&mut self) -> Option<&mut Membership> {
        self.parallel.as_mut()?.of.as_mut()
    }

    fn parallel_mut(&mut self) -> &mut Parallel<S> {
        self.parallel.get_or_insert_with(|| {
            Box::new(Parallel {
                of: None,
                branches: Vec::new(),
            })
        })
    }
}

/// Runs `waiting` in their order, at most `most` at a time. Where each went and its index, in the
/// order in which they ended.
async fn run_together(waiting: Vec<Running<'_>>, most: usize) -> Vec<(usize, Flow)> {
    let mut waiting: VecDeque<_> = waiting.into_iter().enumerate().collect();
    let mut running = Vec::new();
    let mut ended = Vec::new();
    poll_fn(|context| {
        loop {
            let free = most.saturating_sub(running.len()).min(waiting.len());
            running.extend(waiting.drain(..free));
            let before = running.len();
            running.retain_mut(|(index, branch): &mut (usize, Running<'_>)| {
                match branch.as_mut().poll(context) {
                    Poll::Ready(flow) => {
                        ended.push((*index, flow));
                        false
                    }
                    Poll::Pending => true,
                }
            });
            if running.is_empty() && waiting.is_empty() {
                return Poll::Ready(());
            }
            // A place that became free is taken at once.
            if running.len() == before || waiting.is_empty() {
                return Poll::Pending;
            }
        }
    })
    .await;
    ended
}
