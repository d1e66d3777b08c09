//! Pods as the API server would decode them: every type right, every volume with one source.

use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// Makes the metadata and the spec of a pod. Where `hardened`, what restricts a pod is mostly set;
/// else it is mostly absent, and one pod in two asks for something that it should not have.
pub(crate) fn pod(dice: &mut Dice, hardened: bool) -> (Value, Value) {
    let mut made = Typed {
        risk: *dice.pick(&[0, 0, 2, 6, 12]),
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
    if made.dice.chance(15) {
        spec["hostUsers"] = json!(made.dice.chance(40));
    }
    if made.dice.chance(10) {
        spec["os"] = json!({"name": *made.dice.pick(&["linux", "windows", "windows"])});
    }
    if made.hardened || made.dice.chance(50) {
        spec["securityContext"] = made.pod_context();
    }
    if made.dice.chance(40) {
        let volumes = (0..made.dice.below(4)).map(|at| made.volume(at)).collect();
        spec["volumes"] = volumes;
    }
    let mut annotations = Map::new();
    annotations.insert("example.com/a".to_owned(), json!("b"));
    if made.dice.chance(15) {
        let value = made.one_of(
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
    hardened: bool,
    dice: &'d mut Dice,
}

impl Typed<'_> {
    fn risky(&mut self) -> bool {
        self.dice.chance(self.risk)
    }

    fn one_of(&mut self, fine: &[&str], risky: &[&str]) -> Value {
        let set = if self.risky() { risky } else { fine };
        json!(self.dice.pick(set))
    }

    /// Sets a field that is better false, or leaves it out.
    fn flag(&mut self, map: &mut Value, field: &str) {
        if self.risky() {
            map[field] = json!(true);
        } else if self.dice.chance(10) {
            map[field] = json!(false);
        }
    }

    /// Sets a field that a hardened pod sets.
    fn wanted(&mut self, map: &mut Value, field: &str, good: Value, bad: Value) {
        let chance = if self.hardened { 100 - self.risk } else { 15 };
        if self.dice.chance(chance) {
            map[field] = if self.risky() { bad } else { good };
        } else if self.risky() {
            map[field] = bad;
        }
    }

    fn list(&mut self, count: usize, stem: &str) -> Value {
        (0..count)
            .map(|at| self.container(&format!("{stem}{at}")))
            .collect()
    }

    fn container(&mut self, name: &str) -> Value {
        let mut container = json!({"name": name, "image": "a"});
        if self.dice.chance(30) {
            let ports = (0..self.dice.below(3)).map(|_| {
                let mut port = json!({"containerPort": 8080});
                if self.risky() {
                    port["hostPort"] = json!(*self.dice.pick(&[80, 8080]));
                } else if self.dice.chance(20) {
                    port["hostPort"] = json!(0);
                }
                port
            });
            container["ports"] = ports.collect();
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if self.dice.chance(20) {
                container[probe] = self.handler();
            }
        }
        if self.dice.chance(15) {
            let hook = *self.dice.pick(&["postStart", "preStop"]);
            container["lifecycle"] = json!({ hook: self.handler() });
        }
        if self.hardened || self.dice.chance(60) {
            container["securityContext"] = self.context();
        }
        container
    }

    fn handler(&mut self) -> Value {
        let host = self.one_of(&[""], &["10.0.0.1", "localhost", "127.0.0.1"]);
        match self.dice.below(5) {
            0 => json!({"exec": {"command": ["true"]}}),
            1 => json!({"httpGet": {"port": 80}}),
            2 => json!({"tcpSocket": {"port": "http", "host": host}}),
            3 => json!({"tcpSocket": {"port": 80}}),
            _ => json!({"httpGet": {"port": 80, "host": host, "path": "/"}}),
        }
    }

    /// What a pod and a container can both say.
    fn shared_context(&mut self) -> Value {
        let mut context = json!({});
        self.wanted(&mut context, "runAsNonRoot", json!(true), json!(false));
        if self.dice.chance(30) {
            let user = if self.risky() { 0 } else { 1000 };
            context["runAsUser"] = json!(user);
        }
        let profile = self.one_of(
            &["RuntimeDefault", "Localhost"],
            &["Unconfined", "", "runtimeDefault"],
        );
        let bad = self.one_of(&["Unconfined"], &["Unconfined", ""]);
        self.wanted(
            &mut context,
            "seccompProfile",
            json!({ "type": profile }),
            json!({ "type": bad }),
        );
        if self.dice.chance(15) {
            let profile = self.one_of(&["RuntimeDefault", "Localhost"], &["Unconfined", ""]);
            context["appArmorProfile"] = json!({ "type": profile });
        }
        if self.dice.chance(15) {
            let mut options = json!({"level": "s0"});
            if self.dice.chance(70) {
                let fine = ["container_t", "container_init_t", "container_kvm_t", ""];
                options["type"] =
                    self.one_of(&fine, &["spc_t", "container_engine_t", "Container_t"]);
            }
            for field in ["user", "role"] {
                if self.dice.chance(20) {
                    options[field] = self.one_of(&[""], &["system_u", "a"]);
                }
            }
            context["seLinuxOptions"] = options;
        }
        if self.dice.chance(10) {
            let mut options = json!({});
            self.flag(&mut options, "hostProcess");
            context["windowsOptions"] = options;
        }
        context
    }

    fn pod_context(&mut self) -> Value {
        let mut context = self.shared_context();
        if self.dice.chance(25) {
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
                .map(|_| json!({"name": self.one_of(&fine, &risky), "value": "1"}))
                .collect();
            context["sysctls"] = sysctls;
        }
        context
    }

    fn context(&mut self) -> Value {
        let mut context = self.shared_context();
        self.flag(&mut context, "privileged");
        self.wanted(
            &mut context,
            "allowPrivilegeEscalation",
            json!(false),
            json!(true),
        );
        if self.dice.chance(15) {
            context["procMount"] = self.one_of(&["Default"], &["Unmasked", "", "default"]);
        }
        let drop = if self.risky() {
            json!(["NET_RAW"])
        } else {
            json!(["NET_RAW", "ALL"])
        };
        let mut capabilities = json!({});
        self.wanted(&mut capabilities, "drop", drop, json!(["all"]));
        if self.dice.chance(20) {
            let fine: &[&str] = if self.hardened {
                &["NET_BIND_SERVICE"]
            } else {
                &["NET_BIND_SERVICE", "CHOWN", "KILL", "SYS_CHROOT"]
            };
            let risky = ["SYS_ADMIN", "NET_RAW", "CHOWN", "ALL", "chown", "CAP_CHOWN"];
            capabilities["add"] = (0..=self.dice.below(2))
                .map(|_| self.one_of(fine, &risky))
                .collect();
        }
        if self.dice.chance(90) {
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
        let (source, value) = if self.risky() {
            self.dice.pick(&risky).clone()
        } else {
            self.dice.pick(&fine).clone()
        };
        json!({ "name": format!("v{at}"), source: value })
    }
}
