//! Dates that name no zone are those of the machine's, in every language of scripts.

use crate::program::Place;
use crate::server::Server;

const PLAN: &str = r#"loadline: 1
name: Test
target: TARGET
groups:
  - name: Users
    load: {users: 1, iterations: 1}
    do:
      - script: vars.put('groovy', new Date(0).format('HH:mm'))
      - script: vars.put('zone', java.time.LocalTime.ofInstant(java.time.Instant.EPOCH, java.time.ZoneId.systemDefault()) as String)
      - script:
          language: beanshell
          text: vars.put("beanshell", new java.text.SimpleDateFormat("HH:mm").format(new Date(0L)));
      - script:
          language: javascript
          text: vars.put('javascript', String(new Date(0).getHours()))
      - script: new File('told.txt').text = ['groovy', 'zone', 'beanshell', 'javascript'].collect { vars.get(it) }.join(' ')
      - get: /
"#;

#[test]
fn dates_of_scripts_are_in_the_zone_of_the_machine() {
    let place = Place::new();
    let server = Server::answering(200);
    place.write("a.yaml", &PLAN.replace("TARGET", &server.url("")));
    let arguments = ["run", "a.yaml", "-q"];
    let mut command = place.command(&arguments);
    // A zone that needs no list of zones: nine hours before UTC.
    let ended = command.env("TZ", "JST-9").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    let told = std::fs::read_to_string(place.path("told.txt"));
    assert_eq!(told.unwrap_or_default(), "09:00 09:00 09:00 9", "{said}");
}

#[test]
fn the_command_script_is_in_the_zone_of_the_machine() {
    let place = Place::new();
    place.write(
        "a.groovy",
        "[new Date(0).toString(), TimeZone.default.ID, new Date(0).toCalendar().timeZone.ID]",
    );
    let mut command = place.command(&["script", "groovy", "a.groovy"]);
    let ended = command.env("TZ", "JST-9").output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout),
        "[Thu Jan 01 09:00:00 JST 1970, GMT+09:00, GMT+09:00] (java.util.ArrayList)\n"
    );
}
