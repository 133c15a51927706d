//! No input makes the reader panic; broken files get one error with a place and a remedy.

use loadline_jmx::{JmxReading, read_jmx};
use loadline_plan::{Severity, Standing};

use crate::corpus;
use crate::plans::{element, group, plan};

/// A small generator of numbers (xorshift) with a fixed seed: the same mutations in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// Pieces that mean something to the reader.
const PIECES: &[&str] = &[
    "<hashTree>",
    "</hashTree>",
    "<hashTree/>",
    "<TestPlan/>",
    "<ThreadGroup guiclass=\"x\">",
    "</ThreadGroup>",
    "<stringProp name=\"LoopController.loops\">-1</stringProp>",
    "enabled=\"false\"",
    "${",
    "}",
    "&#xd;",
    "&amp;",
    "&",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a>",
    "\u{feff}",
    "é",
    "\0",
    "-1",
    "99999999999999999999",
];

fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len());
        let end = (at + chance.below(200)).min(bytes.len());
        match chance.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = chance.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = b"<>\"'/&;=${} \n9a"[chance.below(15)];
                }
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Removes or doubles whole lines, which leaves most files well-formed and the tree odd.
fn with_lines_changed(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(lines.len());
        match chance.below(3) {
            0 if !lines.is_empty() => drop(lines.remove(at)),
            1 if !lines.is_empty() => lines.insert(at, lines[at]),
            _ => lines.insert(at, "<hashTree/>"),
        }
    }
    lines.join("\n")
}

#[test]
fn mutated_plans_do_not_panic() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    // Long plans would take most of the time and show nothing that short ones do not.
    let plans: Vec<String> = corpus::plans()
        .into_iter()
        .map(|(_, text)| text)
        .filter(|text| text.len() < 60_000)
        .collect();
    let mut read = 0;
    for _ in 0..15 {
        for text in &plans {
            for changed in [
                mutated(text, &mut chance),
                with_lines_changed(text, &mut chance),
            ] {
                let reading = read_jmx(&changed, "mutated.jmx");
                assert!(reading.plan.is_some() || !reading.diagnostics.is_empty());
                read += 1;
            }
        }
    }
    assert!(read > 2_000, "only {read} mutations were tried");
}

#[track_caller]
fn check_broken(text: &str, code: &str, place: (u32, u32)) -> JmxReading {
    let reading = read_jmx(text, "broken.jmx");
    assert_eq!(reading.plan, None);
    let [finding] = reading.diagnostics.as_slice() else {
        panic!("one finding expected: {:?}", reading.diagnostics);
    };
    assert_eq!(finding.code, code);
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!((finding.location.line, finding.location.column), place);
    assert!(!finding.help.is_empty());
    reading
}

#[test]
fn broken_xml_is_one_error_with_its_place() {
    check_broken("", "broken-xml", (1, 1));
    check_broken("<a>\n  <b></c>\n</a>", "broken-xml", (2, 6));
    check_broken("<a>\n  <b>", "broken-xml", (2, 6));
    check_broken("<a>\n  &oops;</a>", "broken-xml", (2, 3));
    check_broken(
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "broken-xml",
        (1, 1),
    );
}

#[test]
fn entities_never_grow() {
    let mut bomb = "<!DOCTYPE a [<!ENTITY a0 'ha'>".to_owned();
    for level in 1..40 {
        let (name, before) = (format!("a{level}"), format!("&a{};", level - 1));
        bomb.push_str(&format!("<!ENTITY {name} '{}'>", before.repeat(10)));
    }
    bomb.push_str("]><jmeterTestPlan>&a39;</jmeterTestPlan>");
    check_broken(&bomb, "broken-xml", (1, 1));
}

#[test]
fn nul_is_no_character_of_xml() {
    for text in ["\0", "<a>\0</a>", "<jmeterTestPlan a='\0'/>", "<a\0/>"] {
        let reading = read_jmx(text, "nul.jmx");
        assert_eq!(reading.plan, None, "{text:?}");
        assert_eq!(reading.diagnostics[0].code, "broken-xml", "{text:?}");
    }
}

#[test]
fn a_long_plan_in_one_line_is_read_in_one_pass() {
    let sampler = element("HTTPSamplerProxy", "Request", "", "").replace('\n', " ");
    let text = plan("", &group("Group", &sampler.repeat(20_000))).replace('\n', " ");
    let reading = read_jmx(&text, "long.jmx");
    assert_eq!(reading.elements.len(), 20_002);
    let last = reading.elements.last().unwrap();
    assert_eq!(last.location.line, 1);
    assert!(last.location.column as usize > text.len() / 2);
}

#[test]
fn an_unknown_listener_is_ignored_and_another_unknown_class_refused() {
    for (class, standing) in [
        ("org.example.SlackResultCollector", Standing::Ignored),
        ("org.example.visualizers.Chart", Standing::Ignored),
        ("com.example.KafkaBackendListener", Standing::Ignored),
        ("org.example.KafkaSampler", Standing::Refused),
    ] {
        let body = element(class, "Unknown", "", "");
        let reading = read_jmx(&plan("", &group("Group", &body)), "plan.jmx");
        let row = reading.elements.last().unwrap();
        assert_eq!(row.standing, standing, "{class}");
        assert!(row.reason.contains(class), "{row:?}");
    }
}

#[test]
fn other_xml_is_no_plan() {
    check_broken("<project/>", "not-a-test-plan", (1, 1));
    check_broken("\n<jmeterTestPlan version='1.2'/>", "no-test-plan", (2, 1));
    check_broken(
        "<jmeterTestPlan version='1.2'><hashTree/></jmeterTestPlan>",
        "no-test-plan",
        (1, 1),
    );
}

#[test]
fn deep_nesting_is_bounded_and_every_element_keeps_its_row() {
    let mut text = element("GenericController", "Innermost", "", "");
    for _ in 0..250 {
        text = element("GenericController", "Level", "", &text);
    }
    let reading = read_jmx(&plan("", &group("Group", &text)), "deep.jmx");
    assert_eq!(reading.elements.len(), 253);
    assert_eq!(reading.diagnostics.len(), 1);
    assert_eq!(reading.diagnostics[0].code, "nested-too-deep");
    assert_eq!(
        reading.elements.last().map(|row| row.standing),
        Some(Standing::Refused)
    );
}

#[test]
fn nesting_without_end_neither_overflows_nor_takes_long() {
    let depth = 100_000;
    let bare = format!(
        "<jmeterTestPlan>{}{}</jmeterTestPlan>",
        "<hashTree>".repeat(depth),
        "</hashTree>".repeat(depth)
    );
    assert_eq!(read_jmx(&bare, "deep.jmx").plan, None);
    let elements = format!(
        "<jmeterTestPlan><hashTree><TestPlan guiclass='x'/>{}{}</hashTree></jmeterTestPlan>",
        "<hashTree><ThreadGroup guiclass='x'/>".repeat(depth),
        "</hashTree>".repeat(depth)
    );
    let reading = read_jmx(&elements, "deep.jmx");
    assert_eq!(reading.elements.len(), depth + 1);
    let properties = format!(
        "<jmeterTestPlan><hashTree><TestPlan guiclass='x'>{}{}</TestPlan></hashTree>\
         </jmeterTestPlan>",
        "<elementProp name='a'>".repeat(depth),
        "</elementProp>".repeat(depth)
    );
    assert!(read_jmx(&properties, "deep.jmx").plan.is_some());
}
