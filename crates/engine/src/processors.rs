//! Post-processors and assertions at work on one result after the other, for one engine thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use loadline_events::{AssertionResult, ErrorKind};
use loadline_plan::program::{
    AssertionProgram, NamedAssertion, PostProcessorProgram, ScopeProgram,
};

use crate::assertion::{AssertionOutcome, judge};
use crate::extract::{Patterns, extract};
use crate::{Outcome, ResultView, SampleError, Scope, debug_sample, scripts};

/// How deep sub-samples of sub-samples are judged.
const MAX_LEVEL: u32 = 3;

/// Longest message that a failed sample keeps, in characters.
const LONGEST_MESSAGE: usize = 200;

/// Different problems of processors that are kept for the report of the run.
const MOST_PROBLEMS: usize = 20;

/// What JMeter says of a result whose sub-results alone have failed.
const SUB_FAILED: &str = "One or more sub-samples failed";

/// What the processors of one engine thread share: compiled patterns and the problems met.
#[derive(Debug, Default)]
pub struct Processors {
    patterns: Patterns,
    problems: RefCell<BTreeSet<String>>,
    problem_count: Cell<u64>,
    /// Whether outcomes keep what each assertion said.
    keeps_verdicts: bool,
}

impl Processors {
    /// Processors whose assertions leave their verdicts in [`Outcome::assertions`], for those who
    /// listen to results.
    #[must_use]
    pub fn keeping_verdicts() -> Self {
        Self {
            keeps_verdicts: true,
            ..Self::default()
        }
    }

    /// Lets `programs` read `outcome`, in order, and set the user's variables.
    ///
    /// Returns whether all could do their work. Otherwise JMeter loses the sample: the lists of a
    /// JSON Extractor do not fit together, or a function of a text failed.
    pub fn extract(
        &self,
        programs: &[Arc<PostProcessorProgram>],
        outcome: &mut Outcome,
        scope: &mut Scope<'_>,
    ) -> bool {
        let mut complaints = Vec::new();
        let mut rest = programs;
        while !rest.is_empty() {
            let (plain, more) = rest
                .split_at((rest.iter().position(|one| one.changes_result())).unwrap_or(rest.len()));
            if !plain.is_empty() {
                let view = ResultView::new(outcome);
                let mut extract =
                    |program| self.extract_one(program, &view, scope, &mut complaints);
                if !plain.iter().all(|program| extract(program)) {
                    return false;
                }
                if self.keeps_verdicts && !complaints.is_empty() {
                    outcome.assertions.append(&mut complaints);
                }
            }
            rest = more;
            // It changes the result, so those behind it look anew.
            if let Some((program, more)) = more.split_first() {
                match **program {
                    PostProcessorProgram::Script { id, .. } => {
                        scripts::process(id, outcome, scope);
                    }
                    PostProcessorProgram::Debug(lists) => debug_sample::add(lists, outcome, scope),
                    _ => {}
                }
                if let Some(fault) = scope.functions.take_fault() {
                    self.note(fault.to_string());
                }
                rest = more;
            }
        }
        true
    }

    fn extract_one(
        &self,
        program: &PostProcessorProgram,
        view: &ResultView<'_>,
        scope: &mut Scope<'_>,
        complaints: &mut Vec<AssertionResult>,
    ) -> bool {
        let done = extract(program, view, scope, &self.patterns, &mut |problem| {
            self.note(problem.text);
            complaints.extend(problem.complaint);
        });
        if let Some(fault) = scope.functions.take_fault() {
            self.note(fault.to_string());
            return false;
        }
        done
    }

    /// Lets `programs` judge `outcome`, all of them, in order. What fails makes its error an
    /// [`ErrorKind::Assertion`], unless it has failed before for another reason; the message is that
    /// of the first assertion that has one.
    pub fn judge(
        &self,
        programs: &[Arc<NamedAssertion>],
        outcome: &mut Outcome,
        scope: &mut Scope<'_>,
    ) {
        let is_script = |program: &Arc<NamedAssertion>| {
            matches!(program.program, AssertionProgram::Script { .. })
        };
        let mut messages = Messages::default();
        let mut rest = programs;
        while !rest.is_empty() {
            let (plain, more) =
                rest.split_at(rest.iter().position(is_script).unwrap_or(rest.len()));
            self.judge_plain(plain, outcome, &mut messages, scope);
            rest = more;
            if let Some((program, more)) = more.split_first()
                && let AssertionProgram::Script { id, .. } = program.program
            {
                // It may change the result, so those behind it look anew.
                let judged = scripts::judge(id, outcome, scope);
                let verdict = self.verdict(judged, false);
                self.close(program, verdict, outcome, &mut messages, scope);
                rest = more;
            }
        }
    }

    /// Judges `outcome` by assertions of which none changes what the others read.
    fn judge_plain(
        &self,
        programs: &[Arc<NamedAssertion>],
        outcome: &mut Outcome,
        messages: &mut Messages,
        scope: &mut Scope<'_>,
    ) {
        if programs.is_empty() {
            return;
        }
        let view = ResultView::new(outcome);
        let mut verdicts = Vec::with_capacity(programs.len());
        for program in programs {
            verdicts.push(self.judge_one(&program.program, &view, scope));
        }
        for (program, verdict) in programs.iter().zip(verdicts) {
            self.close(program, verdict, outcome, messages, scope);
        }
    }

    /// Writes a verdict into the result that was judged.
    fn close(
        &self,
        program: &NamedAssertion,
        verdict: Verdict,
        outcome: &mut Outcome,
        messages: &mut Messages,
        scope: &mut Scope<'_>,
    ) {
        if self.keeps_verdicts {
            keep(&scope.text(&program.name), &verdict, outcome);
        }
        apply(verdict, outcome, messages);
    }

    fn judge_one(
        &self,
        program: &AssertionProgram,
        view: &ResultView<'_>,
        scope: &mut Scope<'_>,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        if !matches!(program.scope(), ScopeProgram::Sub) {
            verdict = self.judge_result(program, view, scope);
        }
        if matches!(
            program.scope(),
            ScopeProgram::Sub | ScopeProgram::MainAndSub
        ) {
            self.judge_sub_results(program, view, scope, &mut verdict, 1);
        }
        verdict
    }

    fn judge_result(
        &self,
        program: &AssertionProgram,
        view: &ResultView<'_>,
        scope: &mut Scope<'_>,
    ) -> Verdict {
        let mut judged = judge(program, view, scope, &self.patterns);
        if let Some(fault) = scope.functions.take_fault() {
            judged = AssertionOutcome::threw(fault.in_java());
            self.note(fault.to_string());
        } else if let (true, Some(message)) = (judged.error, &judged.message) {
            self.note(message.clone());
        }
        self.verdict(judged, program.assumes_success())
    }

    fn verdict(&self, judged: AssertionOutcome, assume_success: bool) -> Verdict {
        Verdict {
            assume_success,
            failed: !judged.is_good(),
            own: self.keeps_verdicts.then(|| judged.clone()),
            message: judged.message,
            ..Verdict::default()
        }
    }

    /// Judges the sub-results of `view`; a failure of one is a failure of `view`.
    fn judge_sub_results(
        &self,
        program: &AssertionProgram,
        view: &ResultView<'_>,
        scope: &mut Scope<'_>,
        verdict: &mut Verdict,
        level: u32,
    ) {
        let mut any_failed = false;
        for sub in view.sub_results() {
            let mut judged = self.judge_result(program, sub, scope);
            if level < MAX_LEVEL {
                self.judge_sub_results(program, sub, scope, &mut judged, level + 1);
            }
            any_failed |= judged.failed;
            verdict.sub_results.push(judged);
        }
        if any_failed && !verdict.failed {
            verdict.failed = true;
            verdict.sub_failed = true;
            let message = || SUB_FAILED.to_owned();
            verdict.message.get_or_insert_with(message);
        }
    }

    /// The different problems that processors have met, such as malformed patterns, and how many
    /// there were in all.
    #[must_use]
    pub fn problems(&self) -> (Vec<String>, u64) {
        let problems = self.problems.borrow().iter().cloned().collect();
        (problems, self.problem_count.get())
    }

    fn note(&self, problem: String) {
        self.problem_count.set(self.problem_count.get() + 1);
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST_PROBLEMS {
            problems.insert(problem);
        }
    }
}

/// What an assertion says about a result and its sub-results.
#[derive(Debug, Default)]
struct Verdict {
    assume_success: bool,
    failed: bool,
    /// What is said of the result itself, for listeners.
    own: Option<AssertionOutcome>,
    /// The result fails for its sub-results alone.
    sub_failed: bool,
    message: Option<String>,
    sub_results: Vec<Verdict>,
}

/// The first message that any assertion had for a result, and those for its sub-results.
///
/// JMeter reports it whichever assertion fails, so the empty message of one that holds hides the
/// others.
#[derive(Debug, Default)]
struct Messages {
    first: Option<String>,
    sub_results: Vec<Messages>,
}

/// Leaves what the assertion `name` said in the result that was judged and its sub-results.
fn keep(name: &str, verdict: &Verdict, outcome: &mut Outcome) {
    let result = |failure, error, message| AssertionResult {
        name: verdict
            .own
            .as_ref()
            .and_then(|own| own.name)
            .unwrap_or(name)
            .to_owned(),
        failure,
        error,
        message,
    };
    if let Some(own) = &verdict.own {
        let said = result(own.failed, own.error, own.message.clone());
        outcome.assertions.push(said);
    }
    // Of a result that has failed before, JMeter does not say it again.
    if verdict.sub_failed && outcome.error.is_none() {
        let said = result(true, false, Some(SUB_FAILED.to_owned()));
        outcome.assertions.push(said);
    }
    let targets = outcome.sub_samples.present_mut().into_iter().flatten();
    for (verdict, sub) in verdict.sub_results.iter().zip(targets) {
        keep(name, verdict, &mut sub.outcome);
    }
}

/// Writes a verdict into the result that was judged.
fn apply(verdict: Verdict, outcome: &mut Outcome, messages: &mut Messages) {
    if messages.first.is_none() {
        messages.first = verdict.message;
    }
    // Without an answer the error holds code and message, which later assertions read.
    if verdict.assume_success && outcome.status != 0 {
        outcome.error = None;
    }
    if verdict.failed && outcome.error.is_none() {
        let message = messages.first.as_deref().unwrap_or_default();
        outcome.error = Some(
            SampleError {
                kind: ErrorKind::Assertion,
                code: outcome.status.to_string().into(),
                message: one_line(message).into(),
            }
            .into(),
        );
    }
    let sub_count = messages.sub_results.len().max(verdict.sub_results.len());
    messages
        .sub_results
        .resize_with(sub_count, Messages::default);
    let sub_verdicts = verdict.sub_results.into_iter();
    let targets =
        (outcome.sub_samples.present_mut().into_iter().flatten()).zip(&mut messages.sub_results);
    for (verdict, (sub, messages)) in sub_verdicts.zip(targets) {
        apply(verdict, &mut sub.outcome, messages);
    }
}

/// The beginning of `message` in one line.
fn one_line(message: &str) -> String {
    message
        .trim_matches(['\t', '\n'])
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(LONGEST_MESSAGE)
        .collect()
}
