package main

import (
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
)

// pssRequest asks for the verdict on several pods.
type pssRequest struct {
	Cases []pssCase `json:"cases"`
}

type pssCase struct {
	Level string `json:"level"`
	// Minor is the Kubernetes minor version of the policy; nil is the latest.
	Minor    *int            `json:"minor"`
	Metadata json.RawMessage `json:"metadata"`
	Spec     json.RawMessage `json:"spec"`
}

type pssAnswer struct {
	Results []pssResult `json:"results"`
}

type pssResult struct {
	Allowed bool `json:"allowed"`
	// Reason and Detail are the words of Pod Security Admission.
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Failed holds the ids of the checks that forbid the pod.
	Failed []string `json:"failed,omitempty"`
	// DecodeError is why the metadata or the spec are no pod; then nothing was checked.
	DecodeError string `json:"decode_error,omitempty"`
}

func answerPss(request []byte) (any, error) {
	var asked pssRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	checker, err := newPodChecker()
	if err != nil {
		return nil, err
	}
	answer := pssAnswer{Results: make([]pssResult, 0, len(asked.Cases))}
	for i, pod := range asked.Cases {
		result, err := checker.check(pod)
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", i, err)
		}
		answer.Results = append(answer.Results, result)
	}
	return answer, nil
}

// podChecker is the evaluator of Pod Security Admission, made to tell which checks failed.
type podChecker struct {
	evaluator policy.Evaluator
	failed    []string
}

func newPodChecker() (*podChecker, error) {
	checker := &podChecker{}
	checks := policy.DefaultChecks()
	for i := range checks {
		for j := range checks[i].Versions {
			version := &checks[i].Versions[j]
			version.CheckPod = checker.noting(string(checks[i].ID), version.CheckPod)
		}
	}
	evaluator, err := policy.NewEvaluator(checks, nil)
	checker.evaluator = evaluator
	return checker, err
}

// noting wraps a check, because a result of the evaluator does not name the check it is of.
func (c *podChecker) noting(id string, check policy.CheckPodFn) policy.CheckPodFn {
	return func(metadata *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
		result := check(metadata, spec)
		if !result.Allowed {
			c.failed = append(c.failed, id)
		}
		return result
	}
}

func (c *podChecker) check(pod pssCase) (pssResult, error) {
	level, err := api.ParseLevel(pod.Level)
	if err != nil {
		return pssResult{}, err
	}
	version := api.LatestVersion()
	if pod.Minor != nil {
		if *pod.Minor < 0 {
			return pssResult{}, fmt.Errorf("minor %d is negative", *pod.Minor)
		}
		version = api.MajorMinorVersion(1, *pod.Minor)
	}
	var metadata metav1.ObjectMeta
	var spec corev1.PodSpec
	if err := decodeStrictly(pod.Metadata, &metadata); err != nil {
		return pssResult{DecodeError: "metadata: " + err.Error()}, nil
	}
	if err := decodeStrictly(pod.Spec, &spec); err != nil {
		return pssResult{DecodeError: "spec: " + err.Error()}, nil
	}

	c.failed = nil
	levelVersion := api.LevelVersion{Level: level, Version: version}
	verdict := policy.AggregateCheckResults(c.evaluator.EvaluatePod(levelVersion, &metadata, &spec))
	result := pssResult{Allowed: verdict.Allowed, Failed: c.failed}
	if !verdict.Allowed {
		result.Reason = verdict.ForbiddenReason()
		result.Detail = verdict.ForbiddenDetail()
	}
	return result, nil
}

// decodeStrictly reads JSON as the API server does under fieldValidation=Strict: wrong types,
// unknown fields and duplicate fields are errors. Absent text is the zero value.
func decodeStrictly(text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	strict, err := kjson.UnmarshalStrict(text, into)
	if err != nil {
		return err
	}
	return errors.Join(strict...)
}

// pssCheck says at which minor versions the behaviour of a check begins and changes.
type pssCheck struct {
	ID       string            `json:"id"`
	Level    string            `json:"level"`
	Versions []pssCheckVersion `json:"versions"`
}

type pssCheckVersion struct {
	Minor int `json:"minor"`
	// Overrides holds the ids of the baseline checks that this one replaces under restricted.
	Overrides []policy.CheckID `json:"overrides,omitempty"`
}

func answerPssChecks([]byte) (any, error) {
	checks := []pssCheck{}
	for _, check := range policy.DefaultChecks() {
		listed := pssCheck{ID: string(check.ID), Level: string(check.Level)}
		for _, version := range check.Versions {
			listed.Versions = append(listed.Versions, pssCheckVersion{
				Minor:     version.MinimumVersion.Minor(),
				Overrides: version.OverrideCheckIDs,
			})
		}
		checks = append(checks, listed)
	}
	return map[string]any{"checks": checks}, nil
}
