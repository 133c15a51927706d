//! The pieces of a result file: its beginning, its results, its end.

use loadline_events::SampleResult;

use crate::{SaveConfig, csv, xml};

/// How a result file is written.
#[derive(Clone, Debug)]
pub struct ResultFormat {
    save: SaveConfig,
    /// Names of the variables that come with each result.
    variables: Vec<String>,
    hostname: String,
}

impl ResultFormat {
    /// The format of files that hold what `save` says, with the values of `variables`, made on the
    /// machine `hostname`.
    #[must_use]
    pub fn new(save: SaveConfig, variables: Vec<String>, hostname: String) -> Self {
        Self {
            save,
            variables,
            hostname,
        }
    }

    /// The same with `save` for what is saved.
    #[must_use]
    pub fn with_save(&self, save: SaveConfig) -> Self {
        Self {
            save,
            ..self.clone()
        }
    }

    /// What is saved.
    #[must_use]
    pub fn save(&self) -> &SaveConfig {
        &self.save
    }

    /// Names of the variables.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// What a new file begins with.
    #[must_use]
    pub fn beginning(&self) -> String {
        let mut out = String::new();
        if self.save.xml {
            xml::header(&self.save, &mut out);
        } else if self.save.field_names {
            csv::header(&self.save, &self.variables, &mut out);
        }
        out
    }

    /// Appends `result` to `out`.
    pub fn result(&self, result: &SampleResult, out: &mut String) {
        if self.save.xml {
            xml::element(&self.save, &self.hostname, &self.variables, result, out);
        } else {
            csv::lines(&self.save, &self.hostname, result, out);
        }
    }

    /// What a file ends with.
    #[must_use]
    pub fn end(&self) -> &'static str {
        if self.save.xml { xml::FOOTER } else { "" }
    }

    /// Where a file that is written on is cut first: before the end of its XML. `None` for a file
    /// that is no such XML and begins anew.
    #[must_use]
    pub fn cut(&self, content: &[u8]) -> Option<usize> {
        if !self.save.xml {
            return Some(content.len());
        }
        let end = xml::FOOTER.trim();
        let mut windows = content.windows(end.len());
        let at = windows.rposition(|window| window == end.as_bytes())?;
        // The line before is empty; the next end brings its own.
        let is_empty_line = content[..at].ends_with(b"\n\n");
        Some(if is_empty_line { at - 1 } else { at })
    }
}

#[cfg(test)]
mod tests {
    use loadline_events::AssertionResult;

    use super::*;
    use crate::Timestamp;

    fn result() -> SampleResult {
        SampleResult {
            is_http: true,
            label: "plain <\"q\">".to_owned(),
            started_ms: 1_700_000_000_000,
            ended_ms: 1_700_000_000_216,
            latency_ms: 192,
            connect_ms: 125,
            code: "200".to_owned(),
            message: "OK".to_owned(),
            thread_name: "My, Group 1-1".to_owned(),
            data_type: "text".to_owned(),
            assertions: vec![
                AssertionResult {
                    name: "has hello".to_owned(),
                    ..AssertionResult::default()
                },
                AssertionResult {
                    name: "has, bye".to_owned(),
                    failure: true,
                    message: Some("Test failed: text expected to contain /bye/".to_owned()),
                    ..AssertionResult::default()
                },
            ],
            received_bytes: 170,
            sent_bytes: 127,
            group_threads: 1,
            all_threads: 1,
            sample_count: 1,
            error_count: 1,
            encoding: Some("utf-8".to_owned()),
            url: Some("http://h/a?b=1&c=2".to_owned()),
            method: "GET".to_owned(),
            response_headers: "HTTP/1.1 200 OK\n".to_owned(),
            response_data: b"hello <&> 'w'\n".to_vec(),
            variables: vec![Some("x, y".to_owned()), None],
            ..SampleResult::default()
        }
    }

    fn format(save: SaveConfig) -> ResultFormat {
        let variables = vec!["a".to_owned(), "b".to_owned()];
        ResultFormat::new(save, variables, "vm".to_owned())
    }

    fn written(format: &ResultFormat, result: &SampleResult) -> String {
        let mut out = String::new();
        format.result(result, &mut out);
        out
    }

    #[test]
    fn csv_has_the_default_fields_in_their_order() {
        let format = format(SaveConfig::standard());
        assert_eq!(
            format.beginning(),
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
             failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect,\
             \"a\",\"b\"\n"
        );
        assert_eq!(
            written(&format, &result()),
            "1700000000000,216,\"plain <\"\"q\"\">\",200,OK,\"My, Group 1-1\",text,false,Test \
             failed: text expected to contain /bye/,170,127,1,1,http://h/a?b=1&c=2,192,0,125,\
             \"x, y\",null\n"
        );
    }

    #[test]
    fn csv_has_sub_results_behind_their_result() {
        let child = SampleResult {
            label: "child".to_owned(),
            ..SampleResult::default()
        };
        let mut parent = result();
        parent.children = vec![child.clone(), child];
        let mut save = SaveConfig::standard();
        let labels = |save: &SaveConfig| {
            let text = written(&format(save.clone()), &parent);
            text.lines().count()
        };
        assert_eq!(labels(&save), 3);
        save.sub_results = false;
        assert_eq!(labels(&save), 1);
    }

    #[test]
    fn xml_has_everything_that_is_asked_for() {
        let mut save = SaveConfig::standard();
        save.xml = true;
        save.encoding = true;
        save.sample_count = true;
        save.hostname = true;
        save.response_headers = true;
        save.response_data = true;
        save.sampler_data = true;
        let format = format(save);
        assert_eq!(
            format.beginning(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n"
        );
        assert_eq!(
            written(&format, &result()),
            "<httpSample t=\"216\" it=\"0\" lt=\"192\" ct=\"125\" ts=\"1700000000000\" s=\"false\" \
             lb=\"plain &lt;&quot;q&quot;&gt;\" rc=\"200\" rm=\"OK\" tn=\"My, Group 1-1\" \
             dt=\"text\" de=\"utf-8\" by=\"170\" sby=\"127\" sc=\"1\" ec=\"1\" ng=\"1\" na=\"1\" \
             hn=\"vm\" a=\"x, y\" b=\"\">\n\
             \x20 <assertionResult>\n\
             \x20   <name>has hello</name>\n\
             \x20   <failure>false</failure>\n\
             \x20   <error>false</error>\n\
             \x20 </assertionResult>\n\
             \x20 <assertionResult>\n\
             \x20   <name>has, bye</name>\n\
             \x20   <failure>true</failure>\n\
             \x20   <error>false</error>\n\
             \x20   <failureMessage>Test failed: text expected to contain /bye/</failureMessage>\n\
             \x20 </assertionResult>\n\
             \x20 <responseHeader class=\"java.lang.String\">HTTP/1.1 200 OK\n</responseHeader>\n\
             \x20 <responseData class=\"java.lang.String\">hello &lt;&amp;&gt; &apos;w&apos;\n\
             </responseData>\n\
             \x20 <cookies class=\"java.lang.String\"></cookies>\n\
             \x20 <method class=\"java.lang.String\">GET</method>\n\
             \x20 <queryString class=\"java.lang.String\"></queryString>\n\
             \x20 <java.net.URL>http://h/a?b=1&amp;c=2</java.net.URL>\n\
             </httpSample>\n"
        );
    }

    #[test]
    fn xml_is_cut_before_its_end_and_other_files_begin_anew() {
        let mut save = SaveConfig::standard();
        save.xml = true;
        let format = format(save);
        let mut file = format.beginning();
        format.result(&result(), &mut file);
        let length = file.len();
        file.push_str(format.end());
        assert_eq!(format.cut(file.as_bytes()), Some(length));
        assert_eq!(format.cut(b"anything"), None);
    }

    #[test]
    fn times_are_printed_as_asked() {
        let mut save = SaveConfig::standard();
        save.timestamp = Timestamp::Pattern(std::sync::Arc::new(|ms| format!("at {ms}")));
        save.timestamp_is_start = false;
        let line = written(&format(save.clone()), &result());
        assert!(line.starts_with("at 1700000000216,216,"), "{line}");
        save.timestamp = Timestamp::None;
        let line = written(&format(save), &result());
        assert!(line.starts_with("216,"), "{line}");
    }
}
