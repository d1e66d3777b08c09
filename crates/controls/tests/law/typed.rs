//! Pods as the API server would decode them: every type right, every volume with one source.

use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// What pods are made to differ in, one after the other.
const FEATURES: [&str; 22] = [
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "os",
    "hostPort",
    "host",
    "runAsNonRoot",
    "runAsUser",
    "seccompProfile",
    "appArmorProfile",
    "annotation",
    "seLinuxOptions",
    "hostProcess",
    "sysctls",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "drop",
    "add",
    "volumes",
    "none",
];

/// Makes the metadata and the spec of a pod. Where `hardened`, what restricts a pod is mostly set;
/// else it is mostly absent. Most pods have one feature that is mostly there, and often wrong; the
/// others are wrong as often as the pod's risk says.
pub(crate) fn pod(dice: &mut Dice, hardened: bool) -> (Value, Value) {
    let mut made = Typed {
        risk: *dice.pick(&[0, 0, 0, 1, 6]),
        focus: dice.pick::<&str>(&FEATURES),
        hardened,
        dice,
    };
    let (containers, init, ephemeral) = (
        1 + made.dice.below(2),
        made.dice.below(2),
        made.dice.below(4) / 3,
    );
    let mut spec = json!({ "containers": made.list(containers, "c") });
    if init > 0 {
        spec["initContainers"] = made.list(init, "i");
    }
    if ephemeral > 0 {
        spec["ephemeralContainers"] = made.list(ephemeral, "e");
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        made.flag(&mut spec, field);
    }
    if made.has("hostUsers", 15) {
        spec["hostUsers"] = json!(made.dice.chance(30));
    }
    if made.has("os", 10) {
        spec["os"] = json!({"name": *made.dice.pick(&["linux", "windows", "windows"])});
    }
    if made.hardened || made.dice.chance(70) {
        spec["securityContext"] = made.pod_context();
    }
    if made.has("volumes", 40) {
        let volumes = (0..made.dice.below(4)).map(|at| made.volume(at)).collect();
        spec["volumes"] = volumes;
    }
    let mut annotations = Map::new();
    annotations.insert("example.com/a".to_owned(), json!("b"));
    if made.has("annotation", 15) {
        let value = made.one_of(
            "annotation",
            &["runtime/default", "localhost/x", ""],
            &["unconfined", "localhost", "x"],
        );
        let key = format!(
            "container.apparmor.security.beta.kubernetes.io/{}",
            made.dice.pick(&["c0", "i0", "no"])
        );
        annotations.insert(key, value);
    }
    if made.dice.chance(5) {
        let key = "seccomp.security.alpha.kubernetes.io/pod".to_owned();
        annotations.insert(key, json!("unconfined"));
    }
    (json!({"annotations": annotations}), spec)
}

struct Typed<'d> {
    /// How many of a hundred values are ones that Pod Security might refuse.
    risk: usize,
    focus: &'static str,
    hardened: bool,
    dice: &'d mut Dice,
}

impl Typed<'_> {
    fn risky(&mut self, feature: &str) -> bool {
        let risk = if self.focus == feature { 30 } else { self.risk };
        self.dice.chance(risk)
    }

    /// Whether a pod has a feature that so many of a hundred have.
    fn has(&mut self, feature: &str, percent: usize) -> bool {
        self.focus == feature || self.dice.chance(percent)
    }

    fn one_of(&mut self, feature: &str, fine: &[&str], risky: &[&str]) -> Value {
        let set = if self.risky(feature) { risky } else { fine };
        json!(self.dice.pick(set))
    }

    /// Sets a field that is better false, or leaves it out.
    fn flag(&mut self, map: &mut Value, field: &str) {
        if self.risky(field) {
            map[field] = json!(true);
        } else if self.dice.chance(10) {
            map[field] = json!(false);
        }
    }

    /// Sets a field that so many of a hundred hardened pods set.
    fn wanted(&mut self, map: &mut Value, field: &str, percent: usize, [good, bad]: [Value; 2]) {
        let there = if self.hardened {
            self.dice.chance(percent)
        } else {
            self.has(field, 15)
        };
        if self.risky(field) {
            // It is wrong, or missing.
            if self.dice.chance(60) {
                map[field] = bad;
            }
        } else if there {
            map[field] = good;
        }
    }

    fn list(&mut self, count: usize, stem: &str) -> Value {
        (0..count)
            .map(|at| self.container(&format!("{stem}{at}")))
            .collect()
    }

    fn container(&mut self, name: &str) -> Value {
        let mut container = json!({"name": name, "image": "a"});
        if self.has("hostPort", 30) {
            let ports = (0..self.dice.below(3)).map(|_| {
                let mut port = json!({"containerPort": 8080});
                if self.risky("hostPort") {
                    port["hostPort"] = json!(*self.dice.pick(&[80, 8080]));
                } else if self.dice.chance(20) {
                    port["hostPort"] = json!(0);
                }
                port
            });
            container["ports"] = ports.collect();
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if self.has("host", 20) {
                container[probe] = self.handler();
            }
        }
        if self.has("host", 15) {
            let hook = *self.dice.pick(&["postStart", "preStop"]);
            container["lifecycle"] = json!({ hook: self.handler() });
        }
        if self.hardened || self.dice.chance(70) {
            container["securityContext"] = self.context();
        }
        container
    }

    fn handler(&mut self) -> Value {
        let host = self.one_of("host", &[""], &["10.0.0.1", "localhost", "127.0.0.1"]);
        match self.dice.below(5) {
            0 => json!({"exec": {"command": ["true"]}}),
            1 => json!({"httpGet": {"port": 80}}),
            2 => json!({"tcpSocket": {"port": "http", "host": host}}),
            3 => json!({"tcpSocket": {"port": 80}}),
            _ => json!({"httpGet": {"port": 80, "host": host, "path": "/"}}),
        }
    }

    /// What a pod and a container can both say.
    fn shared_context(&mut self, percent: usize) -> Value {
        let mut context = json!({});
        let values = [json!(true), json!(false)];
        self.wanted(&mut context, "runAsNonRoot", percent, values);
        if self.has("runAsUser", 30) {
            let user = if self.risky("runAsUser") { 0 } else { 1000 };
            context["runAsUser"] = json!(user);
        }
        let good = json!({ "type": *self.dice.pick(&["RuntimeDefault", "Localhost"]) });
        let bad = json!({ "type": *self.dice.pick(&["Unconfined", "", "runtimeDefault"]) });
        self.wanted(&mut context, "seccompProfile", percent, [good, bad]);
        if self.has("appArmorProfile", 15) {
            let fine = ["RuntimeDefault", "Localhost"];
            let profile = self.one_of("appArmorProfile", &fine, &["Unconfined", ""]);
            context["appArmorProfile"] = json!({ "type": profile });
        }
        if self.has("seLinuxOptions", 15) {
            let mut options = json!({"level": "s0"});
            if self.dice.chance(70) {
                let fine = ["container_t", "container_init_t", "container_kvm_t", ""];
                let risky = [
                    "spc_t",
                    "container_engine_t",
                    "container_engine_t",
                    "Container_t",
                ];
                options["type"] = self.one_of("seLinuxOptions", &fine, &risky);
            }
            for field in ["user", "role"] {
                if self.dice.chance(20) {
                    options[field] = self.one_of("seLinuxOptions", &[""], &["system_u", "a"]);
                }
            }
            context["seLinuxOptions"] = options;
        }
        if self.has("hostProcess", 10) {
            let mut options = json!({});
            self.flag(&mut options, "hostProcess");
            context["windowsOptions"] = options;
        }
        context
    }

    fn pod_context(&mut self) -> Value {
        let mut context = self.shared_context(95);
        if self.has("sysctls", 25) {
            let fine = [
                "kernel.shm_rmid_forced",
                "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range",
            ];
            let risky = [
                "net.ipv4.ip_local_reserved_ports",
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_rmem",
                "net.ipv4.tcp_wmem",
                "kernel.msgmax",
                "net/ipv4/tcp_syncookies",
            ];
            let sysctls = (0..self.dice.below(3))
                .map(|_| json!({"name": self.one_of("sysctls", &fine, &risky), "value": "1"}))
                .collect();
            context["sysctls"] = sysctls;
        }
        context
    }

    fn context(&mut self) -> Value {
        let mut context = self.shared_context(50);
        self.flag(&mut context, "privileged");
        let values = [json!(false), json!(true)];
        self.wanted(&mut context, "allowPrivilegeEscalation", 100, values);
        if self.has("procMount", 15) {
            let risky = ["Unmasked", "Unmasked", "", "default"];
            context["procMount"] = self.one_of("procMount", &["Default"], &risky);
        }
        let mut capabilities = json!({});
        let bad = *self.dice.pick(&["all", "NET_RAW"]);
        let values = [json!(["NET_RAW", "ALL"]), json!([bad])];
        self.wanted(&mut capabilities, "drop", 100, values);
        if self.has("add", 20) {
            let fine: &[&str] = if self.hardened {
                &["NET_BIND_SERVICE"]
            } else {
                &["NET_BIND_SERVICE", "CHOWN", "KILL", "SYS_CHROOT"]
            };
            let risky = ["SYS_ADMIN", "NET_RAW", "CHOWN", "ALL", "chown", "CAP_CHOWN"];
            capabilities["add"] = (0..=self.dice.below(2))
                .map(|_| self.one_of("add", fine, &risky))
                .collect();
        }
        if capabilities != json!({}) || self.dice.chance(30) {
            context["capabilities"] = capabilities;
        }
        context
    }

    fn volume(&mut self, at: usize) -> Value {
        let fine = [
            ("configMap", json!({"name": "a"})),
            ("csi", json!({"driver": "a"})),
            ("downwardAPI", json!({})),
            ("emptyDir", json!({})),
            ("ephemeral", json!({})),
            ("persistentVolumeClaim", json!({"claimName": "a"})),
            ("projected", json!({})),
            ("secret", json!({"secretName": "a"})),
            ("image", json!({"reference": "a"})),
        ];
        let risky = [
            ("hostPath", json!({"path": "/"})),
            ("nfs", json!({"server": "a", "path": "/"})),
            ("iscsi", json!({"targetPortal": "a", "iqn": "a", "lun": 0})),
            ("gitRepo", json!({"repository": "a"})),
            ("fc", json!({})),
            ("rbd", json!({"monitors": [], "image": "a"})),
            ("awsElasticBlockStore", json!({"volumeID": "a"})),
            ("flexVolume", json!({"driver": "a"})),
        ];
        let (source, value) = if self.risky("volumes") {
            self.dice.pick(&risky).clone()
        } else {
            self.dice.pick(&fine).clone()
        };
        json!({ "name": format!("v{at}"), source: value })
    }
}
