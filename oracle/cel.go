package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	registrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
)

// oldestMinor is the first Kubernetes minor version with ValidatingAdmissionPolicy in v1; it is
// the compatibility version of a request that names none.
const oldestMinor = 30

// celRequest asks what a policy decides of several admission requests.
type celRequest struct {
	// Minor is the compatibility version 1.Minor of the environment: what compiles in it, every
	// API server from that version on accepts.
	Minor  *uint           `json:"minor"`
	Policy json.RawMessage `json:"policy"`
	Cases  []celCase       `json:"cases"`
}

// celAnswer holds a result a case when there are no compile errors.
type celAnswer struct {
	// CompileErrors says, with the field of the policy, why an API server refuses the policy.
	CompileErrors []string    `json:"compile_errors"`
	Results       []celResult `json:"results"`
}

// celResult is the decision on one admission request.
type celResult struct {
	// Matched is whether all match conditions hold; a request that does not match is allowed.
	Matched bool `json:"matched"`
	Allowed bool `json:"allowed"`
	// Error holds the evaluation errors; under failurePolicy Fail each one denies.
	Error string `json:"error,omitempty"`
	// Message is the first message of a validation that is false.
	Message string `json:"message,omitempty"`
	// Failed holds the indexes of the validations that deny, by false or by error.
	Failed []int `json:"failed,omitempty"`
	// Cost is the cost that was charged against the budgets; nil when one was exceeded.
	Cost *int64 `json:"cost,omitempty"`
}

func answerCel(request []byte) (any, error) {
	var asked celRequest
	if err := json.Unmarshal(request, &asked); err != nil {
		return nil, err
	}
	var policy registrationv1.ValidatingAdmissionPolicy
	if err := decodeStrictly(asked.Policy, &policy); err != nil {
		return nil, fmt.Errorf("the policy does not decode: %w", err)
	}
	minor := uint(oldestMinor)
	if asked.Minor != nil {
		minor = *asked.Minor
	}
	compiled, err := compile(&policy, minor)
	if err != nil {
		return nil, err
	}
	answer := celAnswer{CompileErrors: compiled.errors, Results: []celResult{}}
	if len(compiled.errors) > 0 {
		return answer, nil
	}
	for i, admissionCase := range asked.Cases {
		result, err := compiled.decide(admissionCase)
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", i, err)
		}
		answer.Results = append(answer.Results, result)
	}
	return answer, nil
}

// decide lets the validator of the API server judge one request.
func (p *compiledPolicy) decide(asked celCase) (celResult, error) {
	attributes, err := asked.attributes()
	if err != nil {
		return celResult{}, err
	}
	params, err := asked.params()
	if err != nil {
		return celResult{}, err
	}
	namespace, err := asked.namespaceObject()
	if err != nil {
		return celResult{}, err
	}

	p.match.reset()
	p.meter.reset()
	verdict := p.validator.Validate(
		context.Background(),
		asked.resource(),
		attributes,
		params,
		namespace,
		celconfig.RuntimeCELCostBudget,
		authorizerfactory.NewAlwaysDenyAuthorizer(),
	)
	result := summarise(verdict)
	result.Matched = p.match.matched()
	if p.match.last.Error != nil {
		result.Failed = nil
	}
	result.Cost = p.meter.total()
	return result, nil
}

// summarise folds the decisions of a policy into one, as the dispatcher does for a binding whose
// action is Deny.
func summarise(verdict validating.ValidateResult) celResult {
	result := celResult{Allowed: true}
	var errors []string
	for i, decision := range verdict.Decisions {
		if decision.Evaluation == validating.EvalError {
			errors = append(errors, decision.Message)
		}
		if decision.Action != validating.ActionDeny {
			continue
		}
		result.Allowed = false
		result.Failed = append(result.Failed, i)
		if decision.Evaluation == validating.EvalDeny && result.Message == "" {
			result.Message = decision.Message
		}
	}
	for _, annotation := range verdict.AuditAnnotations {
		if annotation.Action == validating.AuditAnnotationActionError {
			result.Allowed = false
			errors = append(errors, annotation.Error)
		}
	}
	result.Error = strings.Join(errors, "; ")
	return result
}
