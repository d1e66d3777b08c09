//! The role that reading needs.

use crate::world::{Objects, World};

fn printed(arguments: &[&str]) -> String {
    let world = World::faulty(Objects::default(), |_| None);
    let all: Vec<&str> = ["scan", "--print-role"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let run = world.run(&all);
    assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:#?}");
    assert_eq!(world.server.seen().len(), 0);
    String::from_utf8(run.stdout).expect("YAML is UTF-8")
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole text is compared")]
fn is_the_same_for_all_namespaces_whenever_it_is_printed() {
    insta::assert_snapshot!(printed(&[]), @r#"
    # What Knight needs to read a cluster: get and list, and nothing on Secrets.
    # `knight scan --print-role | kubectl apply -f -` applies it again after an update of Knight.
    # Which kinds are served, every account may ask: the API server binds `system:discovery` to all.
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      name: knight
      labels:
        app.kubernetes.io/name: knight
        pod-security.kubernetes.io/enforce: restricted
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: knight-reader
      namespace: knight
      labels:
        app.kubernetes.io/name: knight
    # Whoever runs as this account asks for its token.
    automountServiceAccountToken: false
    ---
    # Everywhere: what controls judge, and what says how it is judged.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: knight-reader
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - limitranges
          - namespaces
          - nodes
          - pods
          - podtemplates
          - replicationcontrollers
          - resourcequotas
          - serviceaccounts
          - services
        verbs: [get, list]
      - apiGroups: ["admissionregistration.k8s.io"]
        resources:
          - mutatingwebhookconfigurations
          - validatingadmissionpolicies
          - validatingadmissionpolicybindings
          - validatingwebhookconfigurations
        verbs: [get, list]
      - apiGroups: ["apps"]
        resources:
          - daemonsets
          - deployments
          - replicasets
          - statefulsets
        verbs: [get, list]
      - apiGroups: ["batch"]
        resources:
          - cronjobs
          - jobs
        verbs: [get, list]
      - apiGroups: ["cilium.io"]
        resources:
          - ciliumclusterwidenetworkpolicies
          - ciliumnetworkpolicies
        verbs: [get, list]
      - apiGroups: ["crd.antrea.io"]
        resources:
          - clusternetworkpolicies
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["crd.projectcalico.org"]
        resources:
          - globalnetworkpolicies
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["eventing.knative.dev"]
        resources:
          - brokers
          - eventpolicies
          - eventtransforms
          - kafkasinks
          - requestreplies
          - triggers
        verbs: [get, list]
      - apiGroups: ["flows.knative.dev"]
        resources:
          - parallels
          - sequences
        verbs: [get, list]
      - apiGroups: ["gateway.networking.k8s.io"]
        resources:
          - gateways
          - httproutes
          - referencegrants
        verbs: [get, list]
      - apiGroups: ["messaging.knative.dev"]
        resources:
          - channels
          - inmemorychannels
          - kafkachannels
          - subscriptions
        verbs: [get, list]
      - apiGroups: ["networking.internal.knative.dev"]
        resources:
          - clusterdomainclaims
          - ingresses
        verbs: [get, list]
      - apiGroups: ["networking.istio.io"]
        resources:
          - gateways
          - sidecars
          - virtualservices
        verbs: [get, list]
      - apiGroups: ["networking.k8s.aws"]
        resources:
          - applicationnetworkpolicies
          - clusternetworkpolicies
        verbs: [get, list]
      - apiGroups: ["networking.k8s.io"]
        resources:
          - ingresses
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["node.k8s.io"]
        resources:
          - runtimeclasses
        verbs: [get, list]
      - apiGroups: ["operator.knative.dev"]
        resources:
          - knativeeventings
          - knativeservings
        verbs: [get, list]
      - apiGroups: ["policy.networking.k8s.io"]
        resources:
          - adminnetworkpolicies
          - baselineadminnetworkpolicies
          - clusternetworkpolicies
        verbs: [get, list]
      - apiGroups: ["projectcalico.org"]
        resources:
          - globalnetworkpolicies
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["projectcontour.io"]
        resources:
          - httpproxies
        verbs: [get, list]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources:
          - clusterrolebindings
          - clusterroles
          - rolebindings
          - roles
        verbs: [get, list]
      - apiGroups: ["security.istio.io"]
        resources:
          - authorizationpolicies
          - peerauthentications
        verbs: [get, list]
      - apiGroups: ["serving.knative.dev"]
        resources:
          - configurations
          - domainmappings
          - revisions
          - routes
          - services
        verbs: [get, list]
      - apiGroups: ["serving.kserve.io"]
        resources:
          - inferenceservices
        verbs: [get, list]
      - apiGroups: ["sinks.knative.dev"]
        resources:
          - integrationsinks
          - jobsinks
        verbs: [get, list]
      - apiGroups: ["sources.knative.dev"]
        resources:
          - apiserversources
          - containersources
          - integrationsources
          - kafkasources
          - pingsources
          - sinkbindings
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: knight-reader
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    ---
    # The settings of Knative. ConfigMaps of other namespaces are not read. Where this part of Knative is
    # not installed, the namespace is missing, and this role and its binding are not needed.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: knight-reader
      namespace: "knative-eventing"
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - configmaps
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: knight-reader
      namespace: "knative-eventing"
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    ---
    # The settings of Knative. ConfigMaps of other namespaces are not read. Where this part of Knative is
    # not installed, the namespace is missing, and this role and its binding are not needed.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: knight-reader
      namespace: "knative-serving"
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - configmaps
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: knight-reader
      namespace: "knative-serving"
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole text is compared")]
fn reads_a_named_namespace_and_little_else() {
    insta::assert_snapshot!(printed(&["-n", "team-a"]), @r#"
    # What Knight needs to read some namespaces: get and list, and nothing on Secrets.
    # `knight scan --print-role -n team-a | kubectl apply -f -` applies it again.
    # Which kinds are served, every account may ask: the API server binds `system:discovery` to all.
    #
    # These roles do not read the following kinds of the whole cluster, and Knight says so: what depends on
    # them is Unknown. Without `-n` there is a role that does.
    #   Node
    #   MutatingWebhookConfiguration
    #   ValidatingAdmissionPolicy
    #   ValidatingAdmissionPolicyBinding
    #   ValidatingWebhookConfiguration
    #   CiliumClusterwideNetworkPolicy
    #   ClusterNetworkPolicy
    #   GlobalNetworkPolicy
    #   ClusterDomainClaim
    #   ClusterNetworkPolicy
    #   RuntimeClass
    #   AdminNetworkPolicy
    #   BaselineAdminNetworkPolicy
    #   ClusterNetworkPolicy
    #   GlobalNetworkPolicy
    #   ClusterRole
    #   ClusterRoleBinding
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      name: knight
      labels:
        app.kubernetes.io/name: knight
        pod-security.kubernetes.io/enforce: restricted
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: knight-reader
      namespace: knight
      labels:
        app.kubernetes.io/name: knight
    # Whoever runs as this account asks for its token.
    automountServiceAccountToken: false
    ---
    # The labels of these namespaces, and of no other.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: knight-reader
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources: [namespaces]
        resourceNames:
          - "team-a"
        verbs: [get]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: knight-reader
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    ---
    # The settings and the version of Knative. Where this part of it is not installed, the namespace is
    # missing, and this role and its binding are not needed.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: knight-reader
      namespace: "knative-eventing"
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - configmaps
        verbs: [get, list]
      - apiGroups: ["apps"]
        resources:
          - deployments
        verbs: [get, list]
      - apiGroups: ["operator.knative.dev"]
        resources:
          - knativeeventings
          - knativeservings
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: knight-reader
      namespace: "knative-eventing"
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    ---
    # The settings and the version of Knative. Where this part of it is not installed, the namespace is
    # missing, and this role and its binding are not needed.
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: knight-reader
      namespace: "knative-serving"
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - configmaps
        verbs: [get, list]
      - apiGroups: ["apps"]
        resources:
          - deployments
        verbs: [get, list]
      - apiGroups: ["operator.knative.dev"]
        resources:
          - knativeeventings
          - knativeservings
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: knight-reader
      namespace: "knative-serving"
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: knight-reader
      namespace: "team-a"
      labels:
        app.kubernetes.io/name: knight
    rules:
      - apiGroups: [""]
        resources:
          - limitranges
          - pods
          - podtemplates
          - replicationcontrollers
          - resourcequotas
          - serviceaccounts
          - services
        verbs: [get, list]
      - apiGroups: ["apps"]
        resources:
          - daemonsets
          - deployments
          - replicasets
          - statefulsets
        verbs: [get, list]
      - apiGroups: ["batch"]
        resources:
          - cronjobs
          - jobs
        verbs: [get, list]
      - apiGroups: ["cilium.io"]
        resources:
          - ciliumnetworkpolicies
        verbs: [get, list]
      - apiGroups: ["crd.antrea.io"]
        resources:
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["crd.projectcalico.org"]
        resources:
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["eventing.knative.dev"]
        resources:
          - brokers
          - eventpolicies
          - eventtransforms
          - kafkasinks
          - requestreplies
          - triggers
        verbs: [get, list]
      - apiGroups: ["flows.knative.dev"]
        resources:
          - parallels
          - sequences
        verbs: [get, list]
      - apiGroups: ["gateway.networking.k8s.io"]
        resources:
          - gateways
          - httproutes
          - referencegrants
        verbs: [get, list]
      - apiGroups: ["messaging.knative.dev"]
        resources:
          - channels
          - inmemorychannels
          - kafkachannels
          - subscriptions
        verbs: [get, list]
      - apiGroups: ["networking.internal.knative.dev"]
        resources:
          - ingresses
        verbs: [get, list]
      - apiGroups: ["networking.istio.io"]
        resources:
          - gateways
          - sidecars
          - virtualservices
        verbs: [get, list]
      - apiGroups: ["networking.k8s.aws"]
        resources:
          - applicationnetworkpolicies
        verbs: [get, list]
      - apiGroups: ["networking.k8s.io"]
        resources:
          - ingresses
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["operator.knative.dev"]
        resources:
          - knativeeventings
          - knativeservings
        verbs: [get, list]
      - apiGroups: ["projectcalico.org"]
        resources:
          - networkpolicies
        verbs: [get, list]
      - apiGroups: ["projectcontour.io"]
        resources:
          - httpproxies
        verbs: [get, list]
      - apiGroups: ["rbac.authorization.k8s.io"]
        resources:
          - rolebindings
          - roles
        verbs: [get, list]
      - apiGroups: ["security.istio.io"]
        resources:
          - authorizationpolicies
          - peerauthentications
        verbs: [get, list]
      - apiGroups: ["serving.knative.dev"]
        resources:
          - configurations
          - domainmappings
          - revisions
          - routes
          - services
        verbs: [get, list]
      - apiGroups: ["serving.kserve.io"]
        resources:
          - inferenceservices
        verbs: [get, list]
      - apiGroups: ["sinks.knative.dev"]
        resources:
          - integrationsinks
          - jobsinks
        verbs: [get, list]
      - apiGroups: ["sources.knative.dev"]
        resources:
          - apiserversources
          - containersources
          - integrationsources
          - kafkasources
          - pingsources
          - sinkbindings
        verbs: [get, list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: knight-reader
      namespace: "team-a"
      labels:
        app.kubernetes.io/name: knight
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: Role
      name: knight-reader
    subjects:
      - kind: ServiceAccount
        name: knight-reader
        namespace: knight
    "#);
}
