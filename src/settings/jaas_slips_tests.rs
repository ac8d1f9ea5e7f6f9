use super::{PLAIN, SCRAM, told_all};

#[test]
fn a_slip_in_a_jaas_line_is_named_with_its_fix() {
    let line = |mechanism: &str, line: &str| {
        format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism={mechanism}\nsasl.jaas.config={line}")
    };
    let plain = |rest: &str| line("PLAIN", &format!("{PLAIN} {rest}"));
    let files = [
        plain("required usrname=\"ann\" password=\"hunter2\";"),
        plain("required username=\"ann\" Password=\"hunter2\";"),
        plain("required username=\"ann\" passwort=\"hunter2\";"),
        line(
            "SCRAM-SHA-256",
            &format!("{SCRAM} required username=\"a\" password=\"hunter2\" tokenauht=\"true\";"),
        ),
        plain("required username=\"ann\" password=\"hunter2\""),
        plain("required username=\"ann\", password=\"hunter2\";"),
        plain("required username=\"ann\" password=hunter!2;"),
        plain("required username=\"ann\" password=\"hunter2;"),
        plain("requird username=\"ann\" password=\"hunter2\";"),
        plain("required username=\"ann\" password=;"),
        line("PLAIN", "PlainLoginModule required username=\"ann\" password=\"hunter2\";"),
        line(
            "PLAIN",
            "org.apache.kafka.common.security.plain.PlainLoginModul required username=\"ann\" password=\"hunter2\";",
        ),
        line(
            "PLAIN",
            "org.apache.kafka.security.scram.ScramLoginModule required username=\"ann\" password=\"hunter2\";",
        ),
        line("PLAIN", "com.example.Vault required username=\"ann\" password=\"hunter2\";"),
    ];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told_all(&files), @r#"
    client.properties:3: sasl.jaas.config has the option 'usrname', which PlainLoginModule does not know
      → did you mean username?
    client.properties:3: sasl.jaas.config has the option 'Password', which PlainLoginModule does not know
      → did you mean password?
    client.properties:3: sasl.jaas.config has the option 'passwort', which PlainLoginModule does not know
      → did you mean password?
    client.properties:3: sasl.jaas.config has the option 'tokenauht', which ScramLoginModule does not know
      → did you mean tokenauth?
    client.properties:3: sasl.jaas.config cannot be read: the semicolon at its end is missing
      → end it with ; and, where it goes on in a further line of the file, each line but the last with a backslash
    client.properties:3: sasl.jaas.config cannot be read: the option 'username' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
      → put the value into quotes: username="…", with a backslash before each " and \ of it; commas between options do not belong there
    client.properties:3: sasl.jaas.config cannot be read: the option 'password' is not followed by NAME="VALUE" or by the semicolon that ends it; a value with other characters than letters, digits, '.', '-' and '_' needs quotes
      → put the value into quotes: password="…", with a backslash before each " and \ of it; commas between options do not belong there
    client.properties:3: sasl.jaas.config cannot be read: the quotes that open the option 'password' are not closed
      → write password="…", with a backslash before each " and \ of the value
    client.properties:3: sasl.jaas.config cannot be read: the login module is not followed by 'required' (or requisite, sufficient, optional)
      → write required behind the class: CLASS required username="…" password="…";
    client.properties:3: sasl.jaas.config cannot be read: the option 'password' has no value
      → write password="…", with a backslash before each " and \ of the value
    client.properties:3: sasl.jaas.config cannot be read: it does not begin with the class of a login module
      → begin it with org.apache.kafka.common.security.plain.PlainLoginModule, or org.apache.kafka.common.security.scram.ScramLoginModule, or org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule: CLASS required username="…" password="…";
    client.properties:3: sasl.jaas.config begins with org.apache.kafka.common.security.plain.PlainLoginModul, and there is no such login module
      → did you mean org.apache.kafka.common.security.plain.PlainLoginModule?
    client.properties:3: sasl.jaas.config begins with org.apache.kafka.security.scram.ScramLoginModule, and there is no such login module
      → did you mean org.apache.kafka.common.security.scram.ScramLoginModule?
    client.properties:3: sasl.jaas.config with Vault cannot be honoured: klerk runs no Java classes
      → for PLAIN, org.apache.kafka.common.security.plain.PlainLoginModule is the login module
    "#);
}
