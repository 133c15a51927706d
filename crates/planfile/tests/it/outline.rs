//! A plan as a few readable lines, for snapshots.

use std::fmt::Write;

use loadline_plan::{Element, Load, Plan};

/// One line for everything a plan holds, indented by depth.
pub(crate) fn outline(plan: &Plan) -> String {
    let mut text = format!("plan {:?}\n", plan.name);
    for variable in &plan.variables {
        let (name, value) = (&variable.name, variable.value.as_str());
        writeln!(text, "variable {name} = {value:?} in set {}", variable.set).unwrap();
    }
    for server in &plan.servers {
        writeln!(text, "server {} = {}", server.name, server.source).unwrap();
    }
    elements(&plan.children, 0, &mut text);
    for group in &plan.groups {
        writeln!(
            text,
            "{:?} group {:?} at {}",
            group.stage, group.name, group.location
        )
        .unwrap();
        if let Some(after) = &group.after {
            writeln!(text, "  after {after:?}").unwrap();
        }
        match &group.load {
            Load::Native(load) => writeln!(text, "  load {load:?}").unwrap(),
            load => writeln!(text, "  load {load:?}").unwrap(),
        }
        elements(&group.children, 1, &mut text);
    }
    for limit in &plan.limits {
        writeln!(text, "limit {}", limit.text).unwrap();
    }
    text
}

fn elements(elements_below: &[Element], depth: usize, text: &mut String) {
    for element in elements_below {
        let indent = "  ".repeat(depth);
        let location = &element.location;
        let kind = format!("{:?}", element.kind);
        // What a request leaves to its defaults says nothing.
        let kind = [
            "protocol",
            "domain",
            "port",
            "content_encoding",
            "follow_redirects",
            "auto_redirects",
            "keep_alive",
            "raw_body",
            "browser_multipart",
            "multipart",
            "connect_timeout_ms",
            "response_timeout_ms",
            "path",
            "method",
            "embedded",
            "embedded_concurrent",
            "embedded_pool",
            "embedded_include",
            "embedded_exclude",
            "md5",
            "java_client",
            "source",
            "source_kind",
            "proxy_host",
            "proxy_port",
            "proxy_user",
            "proxy_password",
            "unix_socket",
            "http_version",
            "streams",
        ]
        .iter()
        .fold(kind, |kind, field| {
            kind.replace(&format!(" {field}: None,"), "")
        })
        .replace("Text(\"", "(\"");
        writeln!(
            text,
            "{indent}{}:{} {:?} {kind}",
            location.line,
            location.column,
            element.name.as_str()
        )
        .unwrap();
        elements(&element.children, depth + 1, text);
    }
}
