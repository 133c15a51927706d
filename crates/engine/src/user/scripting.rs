//! What a user does because a script of it said so.

use loadline_plan::FlowAction;
use loadline_plan::program::{SamplerKind, SamplerProgram};
use loadline_units::Clock as _;

use super::{Flow, User};
use crate::Sampler;
use crate::scripts::Wishes;

impl<S: Sampler> User<S> {
    /// Whether a script said that the present result is not recorded.
    pub(super) fn is_ignored(&self) -> bool {
        let scripts = self.own.per_user.scripts.as_ref();
        scripts.is_some_and(|scripts| scripts.wishes.ignored)
    }

    /// The present result is not recorded.
    pub(super) fn leave_unrecorded(&mut self) {
        let scripts = self.own.per_user.scripts.get_or_insert_default();
        scripts.wishes.ignored = true;
    }

    /// The label that a script gave the present result.
    pub(super) fn script_label(&self) -> Option<&str> {
        let scripts = self.own.per_user.scripts.as_ref()?;
        scripts.wishes.label.as_deref()
    }

    /// The present result becomes the previous one; `label` is empty for one made at run time.
    pub(super) fn forget_label(&mut self, label: &str) {
        let Some(scripts) = &mut self.own.per_user.scripts else {
            return;
        };
        scripts.previous_label = match (scripts.wishes.label.take(), label) {
            (Some(given), _) => given,
            (None, "") => self.own.label.clone(),
            (None, label) => label.to_owned(),
        };
    }

    /// Shows scripts the cookies of the user as they are now, where one of the plan names them.
    pub(super) fn see_cookies(&mut self, program: &SamplerProgram) {
        let SamplerKind::Http(request) = &program.kind else {
            return;
        };
        let scripts = self.worker.functions.run().scripts();
        if self.own.per_user.sampler.is_none() || !scripts.names_cookies() {
            return;
        }
        let mut scope = self.own.scope(&self.worker, "");
        let cookies = self
            .worker
            .sampler
            .cookies(&self.session, request, &mut scope);
        if let Some(current) = &mut self.own.per_user.sampler {
            current.cookies = cookies;
            current.has_new_cookies = false;
        }
    }

    /// Gives the user the cookies that scripts have left.
    pub(super) fn keep_cookies(&mut self, program: &SamplerProgram) {
        let (SamplerKind::Http(request), Some(current)) =
            (&program.kind, &mut self.own.per_user.sampler)
        else {
            return;
        };
        if std::mem::take(&mut current.has_new_cookies)
            && let Some(cookies) = &current.cookies
        {
            self.worker
                .sampler
                .set_cookies(&self.session, request, cookies);
        }
    }

    /// Whether a script has asked for something.
    pub(super) fn has_wishes(&self) -> bool {
        let scripts = self.own.per_user.scripts.as_ref();
        scripts.is_some_and(|scripts| scripts.wishes != Wishes::default())
    }

    /// Does what scripts have asked for since this was last done. `None` when the user goes on. It is
    /// kept in a box, so that users without such a script stay small.
    pub(super) async fn heed(&mut self) -> Option<Flow> {
        let scripts = self.own.per_user.scripts.as_mut()?;
        let wishes = std::mem::take(&mut scripts.wishes);
        if !wishes.sleep.is_zero() {
            let until = self.ready_at.max(self.worker.clock.now()) + wishes.sleep;
            if !self.wait(until).await {
                return Some(Flow::End);
            }
            self.ready_at = until;
        }
        if wishes.stop_test_now {
            Some(self.act(FlowAction::StopTestNow))
        } else if wishes.stop_test {
            Some(self.act(FlowAction::StopTest))
        } else if wishes.stop_thread {
            Some(Flow::End)
        } else if wishes.next_iteration {
            Some(Flow::NextIteration)
        } else {
            None
        }
    }
}
