package main

import (
	"context"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	registrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
)

// compiledPolicy is a policy in the machinery of the API server.
type compiledPolicy struct {
	validator validating.Validator
	match     *matchRecorder
	meter     *costMeter
	errors    []string // why an API server refuses the policy
}

// compile builds the validator of a policy as the plugin of the API server does. It uses the
// environment for new expressions: the one for stored expressions, in which a server evaluates,
// holds every library that any version has and would accept what older servers refuse.
func compile(policy *registrationv1.ValidatingAdmissionPolicy, minor uint) (*compiledPolicy, error) {
	base := environment.MustBaseEnvSet(version.MajorMinor(1, minor))
	compiler, err := cel.NewCompositedCompiler(base)
	if err != nil {
		return nil, fmt.Errorf("no environment for 1.%d: %w", minor, err)
	}
	spec := &policy.Spec
	hasParams := spec.ParamKind != nil
	conditions := cel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true}
	messages := cel.OptionalVariableDeclarations{HasParams: hasParams}

	compiled := &compiledPolicy{meter: &costMeter{}, errors: []string{}}
	for i, variable := range spec.Variables {
		expression := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		result := compiler.CompileAndStoreVariable(expression, conditions, environment.NewExpressions)
		if result.Error != nil {
			compiled.refuse(fmt.Sprintf("variables[%d].expression", i), result.Error)
		}
	}
	group := func(
		field string,
		expressions []cel.ExpressionAccessor,
		variables cel.OptionalVariableDeclarations,
	) cel.ConditionEvaluator {
		// The evaluator of a group keeps the errors of its expressions without their places.
		for i, expression := range expressions {
			if expression == nil {
				continue
			}
			result := compiler.CompileCELExpression(expression, variables, environment.NewExpressions)
			if result.Error != nil {
				compiled.refuse(fmt.Sprintf(field, i), result.Error)
			}
		}
		evaluator := compiler.CompileCondition(expressions, variables, environment.NewExpressions)
		return metered{evaluator, compiled.meter}
	}

	matcher := matchconditions.NewMatcher(
		group("matchConditions[%d].expression", matchExpressions(spec), conditions),
		spec.FailurePolicy, "policy", "validate", policy.Name,
	)
	compiled.match = &matchRecorder{matcher: matcher}
	compiled.validator = validating.NewValidator(
		group("validations[%d].expression", validationExpressions(spec), conditions),
		compiled.match,
		group("auditAnnotations[%d].valueExpression", annotationExpressions(spec), conditions),
		group("validations[%d].messageExpression", messageExpressions(spec), messages),
		spec.FailurePolicy,
		nil,
	)
	return compiled, nil
}

func (p *compiledPolicy) refuse(field string, cause error) {
	p.errors = append(p.errors, fmt.Sprintf("spec.%s: %v", field, cause))
}

func matchExpressions(spec *registrationv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	expressions := make([]cel.ExpressionAccessor, len(spec.MatchConditions))
	for i := range spec.MatchConditions {
		expressions[i] = (*matchconditions.MatchCondition)(&spec.MatchConditions[i])
	}
	return expressions
}

func validationExpressions(spec *registrationv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	expressions := make([]cel.ExpressionAccessor, len(spec.Validations))
	for i, validation := range spec.Validations {
		expressions[i] = &validating.ValidationCondition{
			Expression: validation.Expression,
			Message:    validation.Message,
			Reason:     validation.Reason,
		}
	}
	return expressions
}

// messageExpressions keeps the indexes of the validations: one without has nil at its place.
func messageExpressions(spec *registrationv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	expressions := make([]cel.ExpressionAccessor, len(spec.Validations))
	for i, validation := range spec.Validations {
		if validation.MessageExpression != "" {
			expressions[i] = &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}
		}
	}
	return expressions
}

func annotationExpressions(spec *registrationv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	expressions := make([]cel.ExpressionAccessor, len(spec.AuditAnnotations))
	for i, annotation := range spec.AuditAnnotations {
		expressions[i] = &validating.AuditAnnotationCondition{
			Key:             annotation.Key,
			ValueExpression: annotation.ValueExpression,
		}
	}
	return expressions
}

// matchRecorder remembers whether the last request matched: the validator answers with no
// decisions both for one that does not and for a policy without validations.
type matchRecorder struct {
	matcher matchconditions.Matcher
	last    matchconditions.MatchResult
}

// Match asks the matcher of the policy.
func (m *matchRecorder) Match(
	ctx context.Context,
	attributes *admission.VersionedAttributes,
	params runtime.Object,
	authz authorizer.Authorizer,
) matchconditions.MatchResult {
	m.last = m.matcher.Match(ctx, attributes, params, authz)
	return m.last
}

func (m *matchRecorder) reset() { m.last = matchconditions.MatchResult{} }

// matched counts a match condition that fails to evaluate as a match: the policy then decides
// the request, by its failure policy.
func (m *matchRecorder) matched() bool { return m.last.Matches || m.last.Error != nil }

// costMeter adds up what the evaluators of a policy charge for one request.
type costMeter struct {
	spent    int64
	exceeded bool
}

func (c *costMeter) reset() { *c = costMeter{} }

func (c *costMeter) total() *int64 {
	if c.exceeded {
		return nil
	}
	total := c.spent
	return &total
}

// metered is an evaluator whose cost is noted.
type metered struct {
	cel.ConditionEvaluator
	meter *costMeter
}

// ForInput evaluates and notes the difference between the budget and what remains of it.
func (m metered) ForInput(
	ctx context.Context,
	attributes *admission.VersionedAttributes,
	request *admissionv1.AdmissionRequest,
	variables cel.OptionalVariableBindings,
	namespace *corev1.Namespace,
	budget int64,
) ([]cel.EvaluationResult, int64, error) {
	results, remaining, err := m.ConditionEvaluator.ForInput(ctx, attributes, request, variables, namespace, budget)
	if err != nil || remaining < 0 {
		m.meter.exceeded = true
	} else {
		m.meter.spent += budget - remaining
	}
	return results, remaining, err
}
