import { plainName } from "./plain-name";

/** Every name for an output bound that a server is known to read, from the servers' documentation and sources. */
const OUTPUT_BOUND_NAMES = [
  // OpenAI (chat, its reasoning models, responses, realtime) and most others; Anthropic's messages
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "max_response_output_tokens",
  "max_response_tokens",
  // Anthropic's text completions
  "max_tokens_to_sample",
  // llama.cpp
  "n_predict",
  // Ollama, in `options`
  "num_predict",
  // TGI, Hugging Face, SGLang (in `sampling_params`), watsonx and Replicate (in `parameters`, `input`)
  "max_new_tokens",
  "max_length",
  // TabbyAPI and KoboldCpp read `max_length` too; oobabooga's web UI all of the above
  "max_gen_len",
  "max_gen_toks",
  "gen_len",
  // Google, in `generation_config`; Bedrock, in `inferenceConfig`, and Titan
  "maxOutputTokens",
  "maxTokens",
  "maxTokenCount",
  // NeMo, MiniMax; TensorRT-LLM; LMDeploy; Megatron
  "tokens_to_generate",
  "request_output_len",
  "max_output_len",
  "max_output_length",
  "output_len",
  // MLC, Aleph Alpha, mistral.rs, DeepSpeed, AWS Neuron
  "max_gen_tokens",
  "maximum_tokens",
  "max_len",
  "max_generated_tokens",
  "max_generation_tokens",
  "max_generate_tokens",
  "max_decode_tokens",
  "max_sampled_tokens",
  "max_answer_tokens",
  "num_tokens",
  "num_tokens_to_generate",
  "max_num_tokens",
  "max_tokens_limit",
] as const;

const PLAIN: ReadonlySet<string> = new Set(OUTPUT_BOUND_NAMES.map(plainName));
const SPELT: ReadonlySet<string> = new Set(OUTPUT_BOUND_NAMES);

/** Whether a plain name (`plainName`) is one for an output bound. */
export const isOutputBound = (plain: string): boolean => PLAIN.has(plain);

/** Whether the table spells a name exactly so. */
export const isOutputBoundName = (name: string): boolean => SPELT.has(name);

/** All names, for tests and documentation. */
export const outputBoundNames: readonly string[] = OUTPUT_BOUND_NAMES;
