//! Many small files: a Deployment, a Knative Service and a network policy in each.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Result;

/// Writes `files` files of three documents each; the same number gives the same bytes.
pub(crate) fn write(folder: &Path, files: usize) -> Result<()> {
    let done = folder.join(".done");
    if done.exists() {
        return Ok(());
    }
    let mut random = Random(0x5EED_0000_0000_0001);
    for index in 0..files {
        let below = folder.join(format!("team-{:03}", index / 50));
        fs::create_dir_all(&below)?;
        fs::write(
            below.join(format!("app-{index:05}.yaml")),
            file(index, &mut random)?,
        )?;
    }
    fs::write(done, "")?;
    Ok(())
}

fn file(index: usize, random: &mut Random) -> Result<String> {
    let team = index / 50;
    let mut text = String::new();
    let replicas = 1 + random.below(5);
    let tag = random.below(40);
    write!(
        text,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{index}\n  namespace: \
         team-{team}\n  labels: {{app: app-{index}, tier: backend}}\nspec:\n  replicas: \
         {replicas}\n  selector:\n    matchLabels:\n      app: app-{index}\n  template:\n    \
         metadata:\n      labels:\n        app: app-{index}\n    spec:\n      containers:\n        \
         - name: main\n          image: registry.example.com/team-{team}/app:{tag}\n          \
         ports:\n            - containerPort: 8080\n"
    )?;
    if random.below(2) == 0 {
        text.push_str(
            "          securityContext:\n            allowPrivilegeEscalation: false\n            \
             runAsNonRoot: true\n            capabilities:\n              drop: [ALL]\n            \
             seccompProfile:\n              type: RuntimeDefault\n",
        );
    }
    for variable in 0..random.below(6) {
        if variable == 0 {
            text.push_str("          env:\n");
        }
        writeln!(
            text,
            "            - name: SETTING_{variable}\n              value: \"{tag}\""
        )?;
    }
    if random.below(20) == 0 {
        text.push_str("      hostNetwork: true\n");
    }
    let scale = 1 + random.below(30);
    write!(
        text,
        "---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: web-{index}\n  \
         namespace: team-{team}\nspec:\n  template:\n    metadata:\n      annotations:\n        \
         autoscaling.knative.dev/max-scale: \"{scale}\"\n    spec:\n      containerConcurrency: \
         20\n      timeoutSeconds: 60\n      containers:\n        - image: \
         registry.example.com/team-{team}/web:{tag}\n          resources:\n            \
         requests:\n              cpu: 100m\n              memory: 128Mi\n"
    )?;
    write!(
        text,
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: \
         app-{index}\n  namespace: team-{team}\nspec:\n  podSelector:\n    matchLabels:\n      app: \
         app-{index}\n  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - \
         podSelector: {{}}\n      ports:\n        - protocol: TCP\n          port: 8080\n"
    )?;
    Ok(text)
}

/// A small generator of numbers that are the same every time (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
