//! What a pod may do on its node: the Pod Security Standards for every carrier.

mod added_capability;
mod app_armor_override;
mod capabilities_kept;
mod capability_beyond_restricted;
mod control_plane_placement;
mod forged_component_label;
mod host_ipc;
mod host_network;
mod host_path_volume;
mod host_pid;
mod host_port;
mod host_process;
mod mesh_opt_out;
mod privilege_escalation;
mod privileged_container;
mod probe_host;
mod root_user;
mod run_as_root;
mod seccomp_missing;
mod seccomp_unconfined;
mod selinux_override;
mod system_priority;
mod unmasked_proc;
mod unmasked_proc_user_namespace;
mod unrestricted_volume;
mod unsafe_sysctl;
mod writable_root_filesystem;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &added_capability::CONTROL,
    &app_armor_override::CONTROL,
    &capabilities_kept::CONTROL,
    &capability_beyond_restricted::CONTROL,
    &control_plane_placement::CONTROL,
    &forged_component_label::CONTROL,
    &host_ipc::CONTROL,
    &host_network::CONTROL,
    &host_path_volume::CONTROL,
    &host_pid::CONTROL,
    &host_port::CONTROL,
    &host_process::CONTROL,
    &mesh_opt_out::CONTROL,
    &privilege_escalation::CONTROL,
    &privileged_container::CONTROL,
    &probe_host::CONTROL,
    &root_user::CONTROL,
    &run_as_root::CONTROL,
    &seccomp_missing::CONTROL,
    &seccomp_unconfined::CONTROL,
    &selinux_override::CONTROL,
    &system_priority::CONTROL,
    &unmasked_proc::CONTROL,
    &unmasked_proc_user_namespace::CONTROL,
    &unrestricted_volume::CONTROL,
    &unsafe_sysctl::CONTROL,
    &writable_root_filesystem::CONTROL,
];
