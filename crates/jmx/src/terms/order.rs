//! The order of groups: `after` in our plans, "run thread groups consecutively" in JMeter's.

use loadline_plan::{Plan, Stage};

use super::Terms;

impl Terms {
    /// JMeter runs the groups of a plan side by side, or all one after the other.
    pub(super) fn order(&mut self, plan: &mut Plan) {
        if plan.groups.iter().all(|group| group.after.is_none()) {
            return;
        }
        let is_chain = [Stage::SetUp, Stage::Main, Stage::TearDown]
            .into_iter()
            .all(|stage| {
                let own = plan.groups.iter().filter(|group| group.stage == stage);
                let mut before = None;
                own.into_iter().all(|group| {
                    let follows = group.after.as_deref() == before;
                    before = Some(group.name.as_str());
                    follows
                })
            });
        if is_chain {
            plan.serialize_groups = true;
            for group in &mut plan.groups {
                group.after = None;
            }
            return;
        }
        for group in plan.groups.iter().filter(|group| group.after.is_some()) {
            let what = format!(
                "group `{}` runs behind another; JMeter runs all groups side by side, or all one \
                 after the other as they stand",
                group.name
            );
            let help = "let each group run behind the one above it, or none";
            self.refuse(&group.location, what, help);
        }
    }
}
