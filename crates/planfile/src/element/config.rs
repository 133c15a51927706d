//! Config elements.

use loadline_plan::{
    AuthMechanism, Authorization, CacheManager, Config, CookieManager, Counter, CsvDataSet,
    DnsCacheManager, ElementKind, KeystoreConfig, RandomVariable, ShareMode, Text, UserCookie,
};

use super::{Form, Settings, form, http};

pub(super) const FORMS: &[Form] = &[
    form(
        "http_defaults",
        "Settings of HTTP requests in scope that do not say otherwise.",
        || ElementKind::Config(Config::HttpDefaults(Box::default())),
    ),
    form("header_manager", "Headers of requests in scope.", || {
        ElementKind::Config(Config::Headers(Vec::new()))
    }),
    form("cookie_manager", "Cookies are kept and sent.", || {
        ElementKind::Config(Config::Cookies(CookieManager::default()))
    }),
    form(
        "cache_manager",
        "What servers allow to keep is not fetched again.",
        || {
            ElementKind::Config(Config::Cache(CacheManager {
                clear_each_iteration: false,
                controlled_by_group: false,
                use_expires: false,
                max_size: Text::default(),
            }))
        },
    ),
    form(
        "authorization_manager",
        "User names and passwords are sent.",
        || ElementKind::Config(Config::Authorizations(Vec::new())),
    ),
    form(
        "dns_cache_manager",
        "Each user resolves names for itself.",
        || {
            ElementKind::Config(Config::Dns(DnsCacheManager {
                clear_each_iteration: false,
                servers: Vec::new(),
                hosts: Vec::new(),
            }))
        },
    ),
    form("keystore", "Client certificates are shown.", || {
        ElementKind::Config(Config::Keystore(KeystoreConfig::default()))
    }),
    form(
        "csv_data_set",
        "Variables from the lines of a file, at each pass of the steps around.",
        || {
            ElementKind::Config(Config::Csv(CsvDataSet {
                file: Text::default(),
                encoding: Text::default(),
                variables: Text::default(),
                delimiter: Text::default(),
                ignore_first_line: false,
                quoted: false,
                recycle: false,
                stop_thread: false,
                share: ShareMode::All,
                random_order: false,
            }))
        },
    ),
    form("counter", "A variable that counts.", || {
        ElementKind::Config(Config::Counter(Counter {
            variable: Text::default(),
            start: Text::default(),
            end: Text::default(),
            increment: Text::default(),
            format: Text::default(),
            per_user: false,
            reset_each_iteration: false,
        }))
    }),
    form(
        "random_variable",
        "A variable with a random number.",
        || {
            ElementKind::Config(Config::Random(RandomVariable {
                variable: Text::default(),
                minimum: Text::default(),
                maximum: Text::default(),
                format: Text::default(),
                seed: Text::default(),
                per_user: false,
            }))
        },
    ),
];

pub(super) fn key_of(config: &Config) -> &'static str {
    match config {
        Config::HttpDefaults(_) => "http_defaults",
        Config::Headers(_) => "header_manager",
        Config::Cookies(_) => "cookie_manager",
        Config::Cache(_) => "cache_manager",
        Config::Authorizations(_) => "authorization_manager",
        Config::Dns(_) => "dns_cache_manager",
        Config::Keystore(_) => "keystore",
        Config::Csv(_) => "csv_data_set",
        Config::Counter(_) => "counter",
        Config::Random(_) => "random_variable",
    }
}

pub(super) fn settings<S: Settings>(config: &mut Config, s: &mut S) {
    match config {
        Config::HttpDefaults(request) => http(request, s),
        Config::Headers(headers) => s.pairs("headers", "Names and values.", headers),
        Config::Cookies(own) => cookies(own, s),
        Config::Cache(own) => {
            clearing(
                &mut own.clear_each_iteration,
                &mut own.controlled_by_group,
                s,
            );
            s.flag(
                "use_expires",
                "Whether `Cache-Control` and `Expires` count.",
                false,
                &mut own.use_expires,
            );
            s.text(
                "max_size",
                "Most entries of one user.",
                "5000",
                &mut own.max_size,
            );
        }
        Config::Authorizations(rows) => s.rows(
            "rows",
            "Where which name and password is sent.",
            rows,
            authorization,
        ),
        Config::Dns(own) => {
            s.flag(
                "clear_each_iteration",
                "Whether answers are forgotten at each iteration.",
                false,
                &mut own.clear_each_iteration,
            );
            s.texts("servers", "Addresses of name servers.", &mut own.servers);
            s.pairs("hosts", "Names and their addresses.", &mut own.hosts);
        }
        Config::Keystore(own) => keystore(own, s),
        Config::Csv(own) => csv(own, s),
        Config::Counter(own) => {
            s.text("variable", "Name.", "", &mut own.variable);
            s.text("start", "First value.", "0", &mut own.start);
            s.text("end", "Last value.", "", &mut own.end);
            s.text("increment", "Step.", "0", &mut own.increment);
            s.text(
                "format",
                "Pattern of Java's DecimalFormat.",
                "",
                &mut own.format,
            );
            s.flag(
                "per_user",
                "Whether each user counts for itself.",
                false,
                &mut own.per_user,
            );
            s.flag(
                "reset_each_iteration",
                "Whether a user's own counter starts again at each iteration.",
                false,
                &mut own.reset_each_iteration,
            );
        }
        Config::Random(own) => {
            s.text("variable", "Name.", "", &mut own.variable);
            s.text("minimum", "Least value.", "", &mut own.minimum);
            s.text("maximum", "Greatest value.", "", &mut own.maximum);
            s.text(
                "format",
                "Pattern of Java's DecimalFormat.",
                "",
                &mut own.format,
            );
            s.text("seed", "Seed of Java's Random.", "", &mut own.seed);
            s.flag(
                "per_user",
                "Whether each user has a generator of its own.",
                false,
                &mut own.per_user,
            );
        }
    }
}

fn clearing<S: Settings>(each: &mut bool, by_group: &mut bool, s: &mut S) {
    s.flag(
        "clear_each_iteration",
        "Whether all is forgotten at each iteration.",
        false,
        each,
    );
    s.flag(
        "controlled_by_group",
        "Whether the group's `same_user` decides that instead.",
        false,
        by_group,
    );
}

fn cookies<S: Settings>(own: &mut CookieManager, s: &mut S) {
    s.rows(
        "cookies",
        "Cookies that a user has from the beginning.",
        &mut own.cookies,
        cookie,
    );
    clearing(
        &mut own.clear_each_iteration,
        &mut own.controlled_by_group,
        s,
    );
    s.flag(
        "ignore",
        "Whether cookies are neither kept nor sent.",
        false,
        &mut own.ignore,
    );
}

fn cookie<S: Settings>(s: &mut S, own: &mut UserCookie) {
    s.text("name", "Name.", "", &mut own.name);
    s.text("value", "Value.", "", &mut own.value);
    s.text(
        "domain",
        "Domain; a leading dot includes sub-domains.",
        "",
        &mut own.domain,
    );
    s.text("path", "Path.", "", &mut own.path);
    s.flag(
        "secure",
        "Whether it is sent over TLS only.",
        false,
        &mut own.secure,
    );
}

fn authorization<S: Settings>(s: &mut S, own: &mut Authorization) {
    s.text("url", "How URLs begin that it is for.", "", &mut own.url);
    s.text("user", "User name.", "", &mut own.user);
    s.text("password", "Password.", "", &mut own.password);
    s.text("realm", "Realm.", "", &mut own.realm);
    s.word(
        "mechanism",
        "How it is sent.",
        &[
            ("basic", AuthMechanism::Basic),
            ("digest", AuthMechanism::Digest),
        ],
        &mut own.mechanism,
    );
}

fn keystore<S: Settings>(own: &mut KeystoreConfig, s: &mut S) {
    let mut start = (own.start_index > 0).then_some(own.start_index);
    s.count("start_index", "First certificate used, from 0.", &mut start);
    own.start_index = start.unwrap_or(0);
    s.count("end_index", "Last certificate used.", &mut own.end_index);
    let mut variable = Text(std::mem::take(&mut own.alias_variable));
    s.text(
        "alias_variable",
        "Variable that holds the alias.",
        "",
        &mut variable,
    );
    own.alias_variable = variable.0;
}

fn csv<S: Settings>(own: &mut CsvDataSet, s: &mut S) {
    s.text("file", "File, relative to the plan.", "", &mut own.file);
    s.text("encoding", "Charset.", "", &mut own.encoding);
    s.text(
        "variables",
        "Names, separated by commas; the first line gives them by default.",
        "",
        &mut own.variables,
    );
    s.text("delimiter", "Separator.", ",", &mut own.delimiter);
    let flags: [(&'static str, &'static str, &mut bool); 5] = [
        (
            "ignore_first_line",
            "Whether the first line is skipped.",
            &mut own.ignore_first_line,
        ),
        (
            "quoted",
            "Whether fields may stand in double quotes.",
            &mut own.quoted,
        ),
        (
            "recycle",
            "Whether reading starts again at the end.",
            &mut own.recycle,
        ),
        (
            "stop",
            "Whether a user ends at the end of the file.",
            &mut own.stop_thread,
        ),
        (
            "random_order",
            "Whether lines come in a random order.",
            &mut own.random_order,
        ),
    ];
    for (key, about, flag) in flags {
        s.flag(key, about, false, flag);
    }
    let (mut share, mut key) = match &own.share {
        ShareMode::Key(key) => ("all", Some(Text(key.clone()))),
        ShareMode::All => ("all", None),
        ShareMode::Group => ("group", None),
        ShareMode::Thread => ("user", None),
        ShareMode::Element => ("element", None),
    };
    s.word(
        "share",
        "Who shares the position in the file.",
        &[
            ("all", "all"),
            ("group", "group"),
            ("user", "user"),
            ("element", "element"),
        ],
        &mut share,
    );
    s.optional(
        "share_key",
        "Users of all elements with this key share it.",
        &mut key,
    );
    own.share = match (key, share) {
        (Some(key), _) => ShareMode::Key(key.0),
        (None, "group") => ShareMode::Group,
        (None, "user") => ShareMode::Thread,
        (None, "element") => ShareMode::Element,
        (None, _) => ShareMode::All,
    };
}
