//! Config elements.

use loadline_plan::{
    AuthMechanism, Authorization, CacheManager, Config, CookieManager, CsvDataSet, DnsCacheManager,
    Element, KeystoreConfig, ShareMode, Text, UserCookie,
};

use super::Writer;
use super::xml::Xml;

const BEAN: &str = "TestBeanGUI";
const RANDOM_CSV: &str = "com.blazemeter.jmeter.RandomCSVDataSetConfig";

impl Writer {
    pub(super) fn config(&mut self, element: &Element, config: &Config) {
        match config {
            Config::HttpDefaults(request) => {
                self.of(element, "ConfigTestElement", "HttpDefaultsGui", |writer| {
                    writer.http(request);
                });
            }
            Config::Headers(headers) => {
                self.of(element, "HeaderManager", "HeaderPanel", |writer| {
                    writer.pairs(
                        "HeaderManager.headers",
                        "Header",
                        ["Header.name", "Header.value"],
                        headers,
                    );
                });
            }
            Config::Cookies(cookies) => {
                self.of(element, "CookieManager", "CookiePanel", |writer| {
                    writer.cookies(cookies);
                });
            }
            Config::Cache(cache) => {
                self.of(element, "CacheManager", "CacheManagerGui", |writer| {
                    writer.cache(cache);
                });
            }
            Config::Authorizations(rows) => {
                self.of(element, "AuthManager", "AuthPanel", |writer| {
                    writer.authorizations(rows);
                });
            }
            Config::Dns(dns) => {
                self.of(element, "DNSCacheManager", "DNSCachePanel", |writer| {
                    writer.dns(dns);
                });
            }
            Config::Keystore(keystore) => {
                self.of(element, "KeystoreConfig", BEAN, |writer| {
                    writer.keystore(keystore);
                });
            }
            Config::Csv(csv) if csv.share == ShareMode::Element => {
                let gui = "com.blazemeter.jmeter.RandomCSVDataSetConfigGui";
                self.of(element, RANDOM_CSV, gui, |writer| writer.random_csv(csv));
            }
            Config::Csv(csv) => self.of(element, "CSVDataSet", BEAN, |writer| writer.csv(csv)),
            Config::Counter(counter) => {
                self.of(element, "CounterConfig", "CounterConfigGui", |writer| {
                    writer.texts(&[
                        ("CounterConfig.start", &counter.start),
                        ("CounterConfig.end", &counter.end),
                        ("CounterConfig.incr", &counter.increment),
                        ("CounterConfig.name", &counter.variable),
                        ("CounterConfig.format", &counter.format),
                    ]);
                    writer.flags(&[
                        ("CounterConfig.per_user", counter.per_user),
                        (
                            "CounterConfig.reset_on_tg_iteration",
                            counter.reset_each_iteration,
                        ),
                    ]);
                });
            }
            Config::Random(random) => {
                self.of(element, "RandomVariableConfig", BEAN, |writer| {
                    writer.texts(&[
                        ("variableName", &random.variable),
                        ("outputFormat", &random.format),
                        ("minimumValue", &random.minimum),
                        ("maximumValue", &random.maximum),
                        ("randomSeed", &random.seed),
                    ]);
                    writer.xml.flag("perThread", random.per_user);
                });
            }
        }
    }

    /// A collection of elements of two texts each.
    fn pairs(&mut self, list: &str, class: &str, names: [&str; 2], pairs: &[(Text, Text)]) {
        self.xml.collection(list, |xml| {
            for (first, second) in pairs {
                xml.item(first.as_str(), class, |xml| {
                    xml.string(names[0], first.as_str());
                    xml.string(names[1], second.as_str());
                });
            }
        });
    }

    fn cookies(&mut self, manager: &CookieManager) {
        self.xml.collection("CookieManager.cookies", |xml| {
            for cookie in &manager.cookies {
                cookie_row(xml, cookie);
            }
        });
        self.flags(&[
            (
                "CookieManager.clearEachIteration",
                manager.clear_each_iteration,
            ),
            (
                "CookieManager.controlledByThreadGroup",
                manager.controlled_by_group,
            ),
        ]);
        let policy = if manager.ignore {
            "ignoreCookies"
        } else {
            "standard"
        };
        self.xml.string("CookieManager.policy", policy);
    }

    fn cache(&mut self, cache: &CacheManager) {
        self.flags(&[
            ("clearEachIteration", cache.clear_each_iteration),
            ("useExpires", cache.use_expires),
            ("CacheManager.controlledByThread", cache.controlled_by_group),
        ]);
        self.xml.string("maxSize", cache.max_size.as_str());
    }

    fn authorizations(&mut self, rows: &[Authorization]) {
        self.xml.collection("AuthManager.auth_list", |xml| {
            for row in rows {
                xml.item("", "Authorization", |xml| {
                    xml.string("Authorization.url", row.url.as_str());
                    xml.string("Authorization.username", row.user.as_str());
                    xml.string("Authorization.password", row.password.as_str());
                    xml.string("Authorization.domain", "");
                    xml.string("Authorization.realm", row.realm.as_str());
                    let mechanism = match row.mechanism {
                        AuthMechanism::Basic => "BASIC",
                        AuthMechanism::Digest => "DIGEST",
                    };
                    xml.string("Authorization.mechanism", mechanism);
                });
            }
        });
        self.xml.flag("AuthManager.controlledByThreadGroup", false);
    }

    fn dns(&mut self, dns: &DnsCacheManager) {
        let servers = dns.servers.iter().map(Text::as_str);
        self.xml.strings("DNSCacheManager.servers", servers);
        self.pairs(
            "DNSCacheManager.hosts",
            "StaticHost",
            ["StaticHost.Name", "StaticHost.Address"],
            &dns.hosts,
        );
        self.flags(&[
            (
                "DNSCacheManager.clearEachIteration",
                dns.clear_each_iteration,
            ),
            ("DNSCacheManager.isCustomResolver", true),
        ]);
    }

    fn keystore(&mut self, keystore: &KeystoreConfig) {
        self.xml.string("preload", "True");
        let start = keystore.start_index.to_string();
        let end = keystore.end_index.map(|end| end.to_string());
        self.xml.string("startIndex", &start);
        self.xml.string("endIndex", &end.unwrap_or_default());
        let variable = &keystore.alias_variable;
        self.xml.string("clientCertAliasVarName", variable);
    }

    fn csv(&mut self, csv: &CsvDataSet) {
        self.texts(&[
            ("filename", &csv.file),
            ("fileEncoding", &csv.encoding),
            ("variableNames", &csv.variables),
            ("delimiter", &csv.delimiter),
        ]);
        self.flags(&[
            ("ignoreFirstLine", csv.ignore_first_line),
            ("quotedData", csv.quoted),
            ("recycle", csv.recycle),
            ("stopThread", csv.stop_thread),
        ]);
        let share = match &csv.share {
            ShareMode::All | ShareMode::Element => "shareMode.all",
            ShareMode::Group => "shareMode.group",
            ShareMode::Thread => "shareMode.thread",
            ShareMode::Key(key) => key,
        };
        self.xml.string("shareMode", share);
    }

    fn random_csv(&mut self, csv: &CsvDataSet) {
        self.texts(&[
            ("filename", &csv.file),
            ("fileEncoding", &csv.encoding),
            ("delimiter", &csv.delimiter),
            ("variableNames", &csv.variables),
        ]);
        self.flags(&[
            ("randomOrder", csv.random_order),
            ("ignoreFirstLine", csv.ignore_first_line),
            ("rewindOnTheEndOfList", csv.recycle),
            ("independentListPerThread", false),
        ]);
    }
}

fn cookie_row(xml: &mut Xml, cookie: &UserCookie) {
    let name = cookie.name.as_str();
    let attributes = [
        ("name", name),
        ("elementType", "Cookie"),
        ("testname", name),
    ];
    xml.open("elementProp", &attributes);
    xml.string("Cookie.value", cookie.value.as_str());
    // A leading dot is the flag's to say.
    let domain = cookie.domain.as_str();
    let host = domain.strip_prefix('.');
    let is_plain = host.is_none_or(|host| !host.starts_with('.'));
    xml.string("Cookie.domain", host.filter(|_| is_plain).unwrap_or(domain));
    xml.string("Cookie.path", cookie.path.as_str());
    xml.flag("Cookie.secure", cookie.secure);
    xml.long_number("Cookie.expires", 0);
    xml.flag("Cookie.path_specified", true);
    xml.flag("Cookie.domain_specified", host.is_some());
    xml.close("elementProp");
}
