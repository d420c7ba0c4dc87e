/** Fields that choose the model, the provider or a deployment of it. */
export const ROUTING_NAMES: readonly string[] = [
  // OpenRouter, Vercel
  "models",
  "route",
  "provider",
  "gateway",
  // LiteLLM
  "fallbacks",
  "fallback_models",
  "context_window_fallbacks",
  "content_policy_fallbacks",
  "model_list",
  "model_group",
  "custom_llm_provider",
  "api_base",
  "litellm_credential_name",
  "litellm_metadata",
  "context_window_fallback_dict",
  "mock_testing_fallbacks",
  "mock_testing_context_fallbacks",
  "mock_testing_content_policy_fallbacks",
  "deployment",
  "deployment_id",
  "specific_deployment",
  "tags",
  "base_url",
];

/** Headers for the provider: LiteLLM sends them on, and a header can choose a dearer tier or a longer context. */
export const HEADER_NAMES: readonly string[] = [
  "extra_headers",
  "headers",
  "extra_query",
  "betas",
  "anthropic_beta",
  "anthropic_version",
];
