//! Files that scripts of a plan reach: those of its folder, others with leave only.

use crate::program::Place;
use crate::server::Server;

/// Tries to read and to write `FILE` in each language and tells what came of it in `told.txt`.
const PLAN: &str = r#"loadline: 1
name: Test
target: TARGET
groups:
  - name: Users
    load: {users: 1, iterations: 1}
    do:
      - script: |
          def tell = { String what, Closure way ->
              def came
              try { came = way() } catch (Exception e) { came = e.class.simpleName }
              new File('told.txt') << "$what: $came\n"
          }
          tell('reads') { new File('FILE').text }
          tell('writes') { new File('FILE') << '!'; 'written' }
          tell('deletes') { new File('FILE').delete() }
      - script:
          language: beanshell
          text: |
            String came;
            try {
                BufferedReader reader = new BufferedReader(new FileReader("FILE"));
                came = reader.readLine();
                reader.close();
            } catch (Exception e) { came = "not read"; }
            FileWriter writer = new FileWriter("told.txt", true);
            writer.write("BeanShell: " + came + "\n");
            writer.close();
      - get: /
"#;

/// What the scripts tell of `file` with these options more.
fn told(place: &Place, file: &str, options: &[&str]) -> String {
    let server = Server::answering(200);
    let plan = PLAN.replace("FILE", file);
    place.write("a.yaml", &plan.replace("TARGET", &server.url("")));
    place.write("told.txt", "");
    let runs = Place::new();
    let folder = runs.path("run");
    let folder = folder.to_str().unwrap();
    let arguments = [&["run", "a.yaml", "-q", "--out", folder][..], options].concat();
    let ended = place.run(&arguments);
    assert_eq!(server.count(), 1, "{}\n{}", ended.stdout, ended.stderr);
    std::fs::read_to_string(place.path("told.txt")).unwrap()
}

#[test]
fn files_of_the_plans_folder_are_read_and_written() {
    let place = Place::new();
    place.write("own.txt", "own");
    let said = told(&place, "own.txt", &[]);
    assert_eq!(
        said,
        "reads: own\nwrites: written\ndeletes: true\nBeanShell: not read\n"
    );
}

#[test]
fn files_outside_are_out_of_reach_however_they_are_named() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let file = elsewhere.write("secret.txt", "secret");
    let absolute = file.to_str().unwrap();
    let folder = elsewhere.path("");
    let folder_name = folder.file_name().unwrap().to_str().unwrap();
    let upwards = format!("../{folder_name}/secret.txt");
    assert!(place.path(&upwards).exists(), "both stand side by side");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&folder, place.path("link")).unwrap();
    for name in [absolute, upwards.as_str(), "link/secret.txt"] {
        let said = told(&place, name, &[]);
        assert_eq!(
            said,
            "reads: FileNotFoundException\nwrites: FileNotFoundException\ndeletes: false\n\
             BeanShell: not read\n",
            "{name}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "secret");
    }
}

#[test]
fn leave_to_use_files_outside_is_given_by_name() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let file = elsewhere.write("shared.txt", "shared");
    let said = told(&place, file.to_str().unwrap(), &["--allow-outside-files"]);
    assert_eq!(
        said,
        "reads: shared\nwrites: written\ndeletes: true\nBeanShell: not read\n"
    );
    assert!(!file.exists());
}

#[test]
fn processes_and_sockets_are_refused_before_the_run() {
    let (place, server) = (Place::new(), Server::answering(200));
    for script in [
        "'ls'.execute()",
        "Runtime.getRuntime().exec('ls')",
        "new ProcessBuilder('ls').start()",
        "new Socket('127.0.0.1', 1)",
        "Class.forName('java.lang.Runtime')",
        "System.exit(0)",
    ] {
        let plan = format!(
            "loadline: 1\nname: Test\ntarget: {}\ngroups:\n  - name: Users\n    load: {{users: 1, iterations: 1}}\n    \
             do:\n      - script: |\n          {script}\n      - get: /\n",
            server.url("")
        );
        place.write("a.yaml", &plan);
        let ended = place.run(&["run", "a.yaml", "-q", "--allow-outside-files"]);
        ended.expect(2).says("unsupported-script");
    }
    assert_eq!(server.count(), 0);
}
