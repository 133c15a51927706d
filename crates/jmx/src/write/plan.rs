//! The Test Plan, its variables, and what only Loadline reads, in its comments.

use std::collections::BTreeMap;

use loadline_plan::{Location, Plan, Variable};

use super::Writer;

impl Writer {
    pub(super) fn plan(&mut self, plan: &Plan) {
        let root = [
            ("version", "1.2"),
            ("properties", "5.0"),
            ("jmeter", "5.6.3"),
        ];
        let mut sets: BTreeMap<usize, Vec<&Variable>> = BTreeMap::new();
        for variable in &plan.variables {
            sets.entry(variable.set).or_default().push(variable);
        }
        let own = sets.remove(&0).unwrap_or_default();
        let place = Location::default();
        self.xml.open("jmeterTestPlan", &root);
        self.xml.open("hashTree", &[]);
        self.element("TestPlan", "TestPlanGui", &plan.name, &place, |writer| {
            writer.xml.string("TestPlan.comments", &comments(plan));
            writer.flags(&[
                ("TestPlan.functional_mode", false),
                ("TestPlan.tearDown_on_shutdown", plan.tear_down_on_shutdown),
                ("TestPlan.serialize_threadgroups", plan.serialize_groups),
            ]);
            let attributes = [
                ("name", "TestPlan.user_defined_variables"),
                ("elementType", "Arguments"),
                ("guiclass", "ArgumentsPanel"),
                ("testclass", "Arguments"),
                ("testname", "User Defined Variables"),
                ("enabled", "true"),
            ];
            writer.xml.open("elementProp", &attributes);
            writer.variables(&own);
            writer.xml.close("elementProp");
            writer.xml.string("TestPlan.user_define_classpath", "");
        });
        self.xml.open("hashTree", &[]);
        for set in sets.values() {
            let location = set.first().map_or(&place, |variable| &variable.location);
            let (class, gui) = ("Arguments", "ArgumentsPanel");
            self.element(class, gui, "User Defined Variables", location, |writer| {
                writer.variables(set);
            });
            self.tree(&[]);
        }
        self.elements(&plan.children);
        for group in &plan.groups {
            self.group(group);
            self.tree(&group.children);
        }
        self.xml.close("hashTree");
        self.xml.close("hashTree");
        self.xml.close("jmeterTestPlan");
    }

    fn variables(&mut self, variables: &[&Variable]) {
        self.xml.collection("Arguments.arguments", |xml| {
            for variable in variables {
                xml.item(&variable.name, "Argument", |xml| {
                    xml.string("Argument.name", &variable.name);
                    xml.string("Argument.value", variable.value.as_str());
                    xml.string("Argument.metadata", "=");
                });
            }
        });
    }
}

/// Limits and servers, which Loadline reads and JMeter passes over.
fn comments(plan: &Plan) -> String {
    let servers = plan
        .servers
        .iter()
        .map(|server| format!("loadline server: {}={}", server.name, server.source));
    let limits = plan
        .limits
        .iter()
        .map(|limit| format!("loadline limit: {}", limit.text));
    servers.chain(limits).collect::<Vec<_>>().join("\n")
}
