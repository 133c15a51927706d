//! The workload as a plan of JMeter's.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use super::Job;
use crate::workload::Request;

/// The identifiers of the CSV file, one a line.
pub(super) fn ids() -> String {
    (100_000..101_000).map(|id| format!("{id}\n")).collect()
}

/// A plan in which the workload's users send for `length`.
pub(super) fn plan(job: &Job<'_>, length: Duration) -> Result<String> {
    let workload = job.workload;
    let mut children = String::new();
    header_manager(&mut children, job)?;
    if workload.request.is_read() {
        job.write("ids.csv", &ids())?;
        regex_extractor(&mut children)?;
        response_assertion(&mut children)?;
    }
    if workload.request == Request::Ten {
        children += ONLY_OF_TEN;
    }
    let data = if workload.request.is_read() {
        CSV_DATA_SET
    } else {
        ""
    };
    let timer = workload.think.map_or(String::new(), |think| {
        format!(
            r#"<ConstantTimer guiclass="ConstantTimerGui" testclass="ConstantTimer" testname="Think" enabled="true"><stringProp name="ConstantTimer.delay">{}</stringProp></ConstantTimer><hashTree/>"#,
            think.as_millis()
        )
    });
    let query = if workload.request.is_read() {
        "?id=${id}"
    } else {
        ""
    };
    let body = workload.request.body().map_or_else(
        || r#"<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>"#.to_owned(),
        |body| {
            format!(
                r#"<boolProp name="HTTPSampler.postBodyRaw">true</boolProp><elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"><elementProp name="" elementType="HTTPArgument"><boolProp name="HTTPArgument.always_encode">false</boolProp><stringProp name="Argument.value">{}</stringProp><stringProp name="Argument.metadata">=</stringProp></elementProp></collectionProp></elementProp>"#,
                escape(&body)
            )
        },
    );
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Bench" enabled="true"/><hashTree>
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users" enabled="true">
<stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
<elementProp name="ThreadGroup.main_controller" elementType="LoopController"><intProp name="LoopController.loops">-1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{users}</stringProp><stringProp name="ThreadGroup.ramp_time">0</stringProp>
<boolProp name="ThreadGroup.scheduler">true</boolProp><stringProp name="ThreadGroup.duration">{seconds}</stringProp>
<boolProp name="ThreadGroup.same_user_on_next_iteration">true</boolProp>
</ThreadGroup><hashTree>
{data}
{timer}
<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="request" enabled="true">
<stringProp name="HTTPSampler.protocol">{scheme}</stringProp><stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">{port}</stringProp>
<stringProp name="HTTPSampler.path">{path}{query}</stringProp><stringProp name="HTTPSampler.method">{method}</stringProp>
<boolProp name="HTTPSampler.use_keepalive">{keep}</boolProp><boolProp name="HTTPSampler.follow_redirects">true</boolProp>
{body}
</HTTPSamplerProxy><hashTree>
{children}
</hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>
"#,
        users = workload.users,
        seconds = length.as_secs(),
        scheme = job.scheme(),
        port = job.port,
        path = workload.request.path(),
        method = workload.request.method(),
        keep = workload.keep_alive,
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn header_manager(text: &mut String, job: &Job<'_>) -> Result<()> {
    if job.workload.request.headers().is_empty() {
        return Ok(());
    }
    text.push_str(r#"<HeaderManager guiclass="HeaderPanel" testclass="HeaderManager" testname="Headers" enabled="true"><collectionProp name="HeaderManager.headers">"#);
    for (name, value) in job.workload.request.headers() {
        write!(
            text,
            r#"<elementProp name="" elementType="Header"><stringProp name="Header.name">{name}</stringProp><stringProp name="Header.value">{value}</stringProp></elementProp>"#
        )?;
    }
    text.push_str("</collectionProp></HeaderManager><hashTree/>\n");
    Ok(())
}

fn regex_extractor(text: &mut String) -> Result<()> {
    text.push_str(r#"<RegexExtractor guiclass="RegexExtractorGui" testclass="RegexExtractor" testname="Token" enabled="true"><stringProp name="RegexExtractor.useHeaders">false</stringProp><stringProp name="RegexExtractor.refname">token</stringProp><stringProp name="RegexExtractor.regex">"token":"([^"]+)"</stringProp><stringProp name="RegexExtractor.template">$1$</stringProp><stringProp name="RegexExtractor.default">none</stringProp><stringProp name="RegexExtractor.match_number">1</stringProp></RegexExtractor><hashTree/>
"#);
    Ok(())
}

fn response_assertion(text: &mut String) -> Result<()> {
    text.push_str(r#"<ResponseAssertion guiclass="AssertionGui" testclass="ResponseAssertion" testname="Ready" enabled="true"><collectionProp name="Asserion.test_strings"><stringProp name="1">"state":"ready"</stringProp></collectionProp><stringProp name="Assertion.test_field">Assertion.response_data</stringProp><boolProp name="Assertion.assume_success">false</boolProp><intProp name="Assertion.test_type">16</intProp></ResponseAssertion><hashTree/>
"#);
    Ok(())
}

const CSV_DATA_SET: &str = r#"<CSVDataSet guiclass="TestBeanGUI" testclass="CSVDataSet" testname="Data" enabled="true"><stringProp name="filename">ids.csv</stringProp><stringProp name="variableNames">id</stringProp><stringProp name="delimiter">,</stringProp><boolProp name="recycle">true</boolProp><boolProp name="stopThread">false</boolProp><boolProp name="quotedData">false</boolProp><stringProp name="shareMode">shareMode.all</stringProp></CSVDataSet><hashTree/>"#;

/// With the data set, the headers, the expression and the assertion: ten elements.
const ONLY_OF_TEN: &str = r#"<UserParameters guiclass="UserParametersGui" testclass="UserParameters" testname="Parameters" enabled="true"><collectionProp name="UserParameters.names"><stringProp name="1">kind</stringProp></collectionProp><collectionProp name="UserParameters.thread_values"><collectionProp name="2"><stringProp name="3">item</stringProp></collectionProp></collectionProp><boolProp name="UserParameters.per_iteration">true</boolProp></UserParameters><hashTree/>
<ConstantTimer guiclass="ConstantTimerGui" testclass="ConstantTimer" testname="Timer" enabled="true"><stringProp name="ConstantTimer.delay">0</stringProp></ConstantTimer><hashTree/>
<BoundaryExtractor guiclass="BoundaryExtractorGui" testclass="BoundaryExtractor" testname="State" enabled="true"><stringProp name="BoundaryExtractor.useHeaders">false</stringProp><stringProp name="BoundaryExtractor.refname">state</stringProp><stringProp name="BoundaryExtractor.lboundary">"state":"</stringProp><stringProp name="BoundaryExtractor.rboundary">"</stringProp><stringProp name="BoundaryExtractor.default">none</stringProp><stringProp name="BoundaryExtractor.match_number">1</stringProp></BoundaryExtractor><hashTree/>
<JSONPostProcessor guiclass="JSONPostProcessorGui" testclass="JSONPostProcessor" testname="Identifier" enabled="true"><stringProp name="JSONPostProcessor.referenceNames">item</stringProp><stringProp name="JSONPostProcessor.jsonPathExprs">$.id</stringProp><stringProp name="JSONPostProcessor.match_numbers">1</stringProp><stringProp name="JSONPostProcessor.defaultValues">none</stringProp></JSONPostProcessor><hashTree/>
<DurationAssertion guiclass="DurationAssertionGui" testclass="DurationAssertion" testname="In time" enabled="true"><stringProp name="DurationAssertion.duration">10000</stringProp></DurationAssertion><hashTree/>
<SizeAssertion guiclass="SizeAssertionGui" testclass="SizeAssertion" testname="Size" enabled="true"><stringProp name="Assertion.test_field">SizeAssertion.response_network_size</stringProp><stringProp name="SizeAssertion.size">100</stringProp><intProp name="SizeAssertion.operator">3</intProp></SizeAssertion><hashTree/>
"#;
