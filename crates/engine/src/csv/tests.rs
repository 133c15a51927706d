use std::io::Write as _;

use loadline_plan::Location;
use loadline_plan::program::Template;

use super::*;
use crate::SlotNames;

/// A data set over a file in a folder of its own, and what two users read from it.
struct DataSet {
    folder: tempfile::TempDir,
    program: CsvProgram,
}

impl DataSet {
    fn new(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut file = std::fs::File::create(folder.path().join("data.csv")).unwrap();
        file.write_all(content).unwrap();
        Self {
            folder,
            program: CsvProgram {
                random_order: false,
                file: Template::default(),
                encoding: Template::default(),
                variables: Template::default(),
                delimiter: Template::default(),
                ignore_first_line: false,
                quoted: false,
                recycle: true,
                stop_thread: false,
                share: ShareMode::All,
                location: Location::default(),
            },
        }
    }

    /// Rows as read by `readers` (group and user), in turn; `#` where a user is to stop. `names`
    /// empty means that the file has a header.
    #[track_caller]
    fn check(&self, names: &str, readers: &[(usize, u32)], expected: &[&str]) {
        let folder = self.folder.path().to_owned();
        let files = DataFiles::new(folder, FileAccess::anywhere(), 1, "<EOF>");
        let slots = Arc::new(SlotNames::new(["a", "b"]));
        let texts = CsvTexts {
            file: "data.csv".to_owned(),
            encoding: String::new(),
            variables: names.to_owned(),
            delimiter: String::new(),
        };
        let mut users: BTreeMap<(usize, u32), (CsvReader, Variables)> = BTreeMap::new();
        let mut scratch = String::new();
        let mut read = Vec::new();
        for (group, user) in readers {
            let (reader, variables) = users.entry((*group, *user)).or_insert_with(|| {
                let variables = Variables::new(Arc::clone(&slots));
                let reader = files
                    .open(&self.program, &texts, *group, *user, &variables)
                    .unwrap();
                (reader, variables)
            });
            if !reader.read(variables, &mut scratch) {
                read.push("#".to_owned());
                continue;
            }
            let value = |name| variables.get_by_name(name).unwrap_or("-");
            read.push(format!("{},{}", value("a"), value("b")));
        }
        assert_eq!(read, expected);
    }
}

const ONE: &[(usize, u32)] = &[(0, 0), (0, 0), (0, 0)];

#[test]
fn all_users_share_one_position() {
    let data = DataSet::new(b"1,x\n2,y\n3,z\n");
    data.check("a,b", &[(0, 0), (0, 1), (1, 2)], &["1,x", "2,y", "3,z"]);
}

#[test]
fn groups_or_users_or_keys_have_positions_of_their_own() {
    let mut data = DataSet::new(b"1,x\n2,y\n3,z\n");
    data.program.share = ShareMode::Group;
    data.check("a,b", &[(0, 0), (0, 1), (1, 2)], &["1,x", "2,y", "1,x"]);
    data.program.share = ShareMode::Thread;
    data.check("a,b", &[(0, 0), (0, 1), (0, 0)], &["1,x", "1,x", "2,y"]);
    data.program.share = ShareMode::Key("k".to_owned());
    data.check("a,b", &[(0, 0), (1, 1), (2, 2)], &["1,x", "2,y", "3,z"]);
}

#[test]
fn the_end_of_the_file_recycles_or_stops_or_is_told() {
    let mut data = DataSet::new(b"1,x\n2,y");
    data.check("a,b", ONE, &["1,x", "2,y", "1,x"]);
    data.program.recycle = false;
    data.check("a,b", ONE, &["1,x", "2,y", "<EOF>,<EOF>"]);
    data.program.stop_thread = true;
    data.check("a,b", ONE, &["1,x", "2,y", "#"]);
}

#[test]
fn an_empty_line_counts_as_the_end_even_when_the_file_recycles() {
    let mut data = DataSet::new(b"1,x\n\n2,y\n");
    data.check("a,b", ONE, &["1,x", "<EOF>,<EOF>", "2,y"]);
    data.program.stop_thread = true;
    data.check("a,b", ONE, &["1,x", "#", "2,y"]);
}

#[test]
fn the_first_line_gives_the_names_and_is_never_a_row() {
    let data = DataSet::new(b"\xef\xbb\xbfb,a\n1,x\n2,y\n");
    data.check("", ONE, &["x,1", "y,2", "x,1"]);
}

#[test]
fn the_first_line_is_skipped_on_demand() {
    let mut data = DataSet::new(b"id,name\n1,x\n2,y\n");
    data.program.ignore_first_line = true;
    data.check("a,b", ONE, &["1,x", "2,y", "1,x"]);
}

#[test]
fn variables_beyond_the_fields_keep_their_values() {
    let data = DataSet::new(b"1,x\n2\n3,z,more\n");
    data.check("a,b", ONE, &["1,x", "2,x", "3,z"]);
}

#[test]
fn quotes_count_only_when_asked_for() {
    let mut data = DataSet::new(b"\"1,2\",x\n");
    data.check("a,b", &[(0, 0)], &["\"1,2\""]);
    data.program.quoted = true;
    data.check("a,b", &[(0, 0)], &["1,2,x"]);
}

#[test]
fn missing_and_empty_files_are_told_apart() {
    let data = DataSet::new(b"");
    let path = data.folder.path().join("data.csv");
    assert!(matches!(check_file(&path), Err(CsvProblem::Empty { .. })));
    let missing = data.folder.path().join("none.csv");
    assert!(matches!(
        check_file(&missing),
        Err(CsvProblem::Unreadable { .. })
    ));
    std::fs::write(&path, "x").unwrap();
    assert!(check_file(&path).is_ok());
}
