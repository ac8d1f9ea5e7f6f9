//! A simulated cluster with its registry, and a folder with a topology to run the program in.

use crate::documents::format_of;
use crate::run::{Place, Ran};
use crate::simulated::Simulated;
use klerk_sandbox::registry::Manner;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

pub struct Scene {
    pub cluster: Simulated,
    place: Place,
}

impl Scene {
    /// With nothing in the cluster yet.
    pub fn new(topology: &str) -> Scene {
        Scene { cluster: Simulated::start(), place: Place::new().file("topology.yaml", topology) }
    }

    /// With the registry of another maker.
    pub fn with_manner(manner: Manner, topology: &str) -> Scene {
        Scene { cluster: Simulated::with_manner(manner), ..Scene::new(topology) }
    }

    /// With what the topology says.
    pub fn applied(topology: &str) -> Scene {
        let scene = Scene::new(topology);
        scene.apply();
        scene
    }

    /// The folder that it runs in.
    pub fn path(&self) -> &std::path::Path {
        self.place.path()
    }

    /// The same, with a file beside the topology.
    pub fn applied_with(topology: &str, name: &str, text: &str) -> Scene {
        let scene = Scene::new(topology).file(name, text);
        scene.apply();
        scene
    }

    /// Carries out another topology beside the one that is there.
    pub fn apply_other(&self, topology: &str) {
        let ran = self.also("other.yaml", topology).run("apply -f other.yaml --yes");
        assert_eq!(ran.status, 0, "{}", ran.all());
    }

    /// Writes a file into the folder.
    pub fn also(&self, name: &str, text: &str) -> &Scene {
        fs::write(self.place.path().join(name), text).expect("the file is written");
        self
    }

    /// Writes a file into the folder that nobody else may read.
    pub fn secret(&self, name: &str, text: &str) -> &Scene {
        let path = self.place.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(&path, text).expect("the file is written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("it is set");
        self
    }

    /// What a file of the folder says.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.place.path().join(name)).expect("the file")
    }

    /// Carries out what the topology says.
    pub fn apply(&self) {
        let ran = self.run("apply --yes");
        assert_eq!(ran.status, 0, "{}", ran.all());
    }

    #[must_use]
    pub fn file(self, name: &str, text: &str) -> Scene {
        Scene { place: self.place.file(name, text), ..self }
    }

    /// The program, with the servers in its environment.
    pub fn run(&self, line: &str) -> Ran {
        let bootstrap = self.cluster.bootstrap();
        let servers =
            [("KLERK_BOOTSTRAP", bootstrap.as_str()), ("KLERK_REGISTRY", self.cluster.registry_url())];
        self.place.run_with(line, &servers, "")
    }

    /// Changes a piece of the topology.
    pub fn edit(&self, from: &str, to: &str) {
        let text = self.read("topology.yaml");
        assert!(text.contains(from), "{from}");
        self.also("topology.yaml", &text.replacen(from, to, 1));
    }

    /// The program, started, to do something to it or beside it while it runs.
    pub fn start(&self, line: &str) -> Child {
        self.place
            .command(line)
            .env("KLERK_BOOTSTRAP", self.cluster.bootstrap())
            .env("KLERK_REGISTRY", self.cluster.registry_url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    }

    /// The program, with no servers but those that it is told.
    pub fn run_alone(&self, line: &str) -> Ran {
        self.place.run(line)
    }

    /// All that a run told, without what is different each time.
    pub fn told(&self, line: &str) -> String {
        self.steady(&self.run(line))
    }

    pub fn steady(&self, ran: &Ran) -> String {
        let folder = self.place.path().to_str().expect("a name of letters");
        self.cluster.told(ran).replace(folder, "<folder>")
    }

    /// The document that a line answers with, as it stands there.
    pub fn json(&self, line: &str, status: i32) -> Value {
        self.document(line, status)
    }

    /// The document that a line answers with, which is one of those that are declared.
    pub fn document<T: DeserializeOwned>(&self, line: &str, status: i32) -> T {
        let ran = self.run(&format!("{line} -o json"));
        assert_eq!(ran.status, status, "{line}: {}", ran.all());
        format_of(&ran.stdout).expect("a document that is declared");
        serde_json::from_str(&ran.stdout).expect("the document that is wanted")
    }
}
