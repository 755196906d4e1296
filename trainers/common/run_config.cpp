#include "common/run_config.h"

#include <initializer_list>
#include <utility>

#include "common/reward_config.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/dist/group.h"
#include "tempo/text/chat.h"

namespace tempo::common {
namespace {

using config::Reader;

constexpr std::initializer_list<std::pair<const char*, at::ScalarType>> kDtypes{{"float32", at::kFloat},
                                                                                {"bfloat16", at::kBFloat16}};

void bind_chat_template(Reader& reader, text::ChatTemplate& own) {
  reader.field("begin", own.begin);
  reader.field("system", own.system);
  reader.field("user", own.user);
  reader.field("assistant", own.assistant);
  reader.field("generation", own.generation);
  reader.field("stop", own.stop);
}

// Prefixes what the template says of its fields with its own name.
void validate_chat(const ModelSection& model) {
  if (model.chat_format == "custom") {
    try {
      model.chat_template.validate();
    } catch (const Error& error) {
      core::fail("chat_template.", error.what());
    }
    return;
  }
  const text::ChatTemplate& own = model.chat_template;
  const std::string said = own.begin + own.system + own.user + own.assistant + own.generation;
  TEMPO_CHECK(said.empty() && own.stop.empty(), "chat_template: expected chat_format: custom beside it, got ",
              model.chat_format);
  if (model.chat_format != "auto") text::chat_format(model.chat_format);
}

void bind_model(Reader& reader, ModelSection& model) {
  reader.required("path", model.path);
  reader.choice("dtype", model.dtype, kDtypes);
  reader.field("device", model.device);
  reader.field("chat_format", model.chat_format);
  reader.section("chat_template", [&](Reader& section) { bind_chat_template(section, model.chat_template); });
  reader.field("chat_date", model.chat_date);
  reader.field("threads", model.threads);
  reader.validate(model);
}

void bind_advantage(Reader& reader, credit::AdvantageOptions& advantage) {
  reader.choice("estimator", advantage.estimator,
                {{"tempo", credit::Estimator::kTempo},
                 {"grpo", credit::Estimator::kGrpo},
                 {"dr_grpo", credit::Estimator::kDrGrpo},
                 {"rloo", credit::Estimator::kRloo}});
  reader.field("divide_by_std", advantage.divide_by_std);
  reader.field("epsilon", advantage.epsilon);
  reader.field("value_shrinkage", advantage.value_shrinkage);
  reader.validate(advantage);
}

void bind_loss(Reader& reader, RunConfig& config) {
  objective::LossOptions& loss = config.train.loss;
  reader.field("clip_low", loss.clip_low);
  reader.field("clip_high", loss.clip_high);
  reader.field("dual_clip", loss.dual_clip);
  reader.choice("aggregation", loss.aggregation,
                {{"token_mean", credit::Aggregation::kTokenMean},
                 {"sequence_mean", credit::Aggregation::kSequenceMean},
                 {"dr_grpo", credit::Aggregation::kDrGrpo}});
  reader.field("kl_coefficient", loss.kl_coefficient);
  reader.field("entropy_coefficient", loss.entropy_coefficient);
  reader.field("reference", config.reference);
  reader.validate(loss);
}

void bind_optimizer(Reader& reader, train::TrainOptions& train) {
  reader.field("learning_rate", train.optimizer.learning_rate);
  reader.field("beta1", train.optimizer.beta1);
  reader.field("beta2", train.optimizer.beta2);
  reader.field("epsilon", train.optimizer.epsilon);
  reader.field("weight_decay", train.optimizer.weight_decay);
  reader.field("max_grad_norm", train.loop.max_grad_norm);
  reader.choice("schedule", train.schedule.decay,
                {{"constant", optim::Decay::kConstant},
                 {"linear", optim::Decay::kLinear},
                 {"cosine", optim::Decay::kCosine}});
  reader.field("warmup_steps", train.schedule.warmup_steps);
  reader.field("final_ratio", train.schedule.final_ratio);
  reader.validate(train.optimizer);
  reader.validate(train.schedule);
}

void bind_loop(Reader& reader, train::LoopOptions& loop) {
  reader.field("steps", loop.steps);
  reader.field("epochs", loop.epochs);
  reader.field("prompts_per_step", loop.prompts_per_step);
  reader.field("responses_per_prompt", loop.responses_per_prompt);
  reader.field("mini_batch_prompts", loop.mini_batch_prompts);
  reader.field("updates_per_batch", loop.updates_per_batch);
  reader.field("micro_batch_tokens", loop.micro_batch_tokens);
  reader.field("activation_checkpointing", loop.activation_checkpointing);
  reader.field("dynamic_sampling", loop.dynamic_sampling);
  reader.field("max_refills", loop.max_refills);
  reader.field("shuffle", loop.shuffle);
  reader.field("seed", loop.seed);
  reader.validate(loop);
}

void bind_output(Reader& reader, RunConfig& config) {
  reader.field("folder", config.output.folder);
  reader.field("overwrite", config.output.overwrite);
  reader.choice("resume", config.output.resume, {{"auto", Resume::kAuto}, {"never", Resume::kNever}});
  reader.field("checkpoint_every", config.run.checkpoint_every);
  reader.field("keep_last", config.run.keep.keep_last);
  reader.field("keep_best", config.run.keep.keep_best);
  reader.choice("best_is", config.run.keep.best_is_largest, {{"largest", true}, {"smallest", false}});
  reader.field("save_every", config.run.save_every);
  reader.field("completions_every", config.run.completions_every);
  reader.choice("save_dtype", config.run.save_dtype, kDtypes);
  reader.validate(config.output);
  reader.validate(config.run);
}

void bind_distributed(Reader& reader, DistributedSection& distributed) {
  reader.field("timeout_s", distributed.timeout_s);
  reader.field("start_timeout_s", distributed.start_timeout_s);
  reader.validate(distributed);
}

}  // namespace

void ModelSection::validate() const {
  TEMPO_CHECK(!path.empty(), "path: expected a Hugging Face folder or a GGUF file, got nothing");
  parse_device(device);
  validate_chat(*this);
  TEMPO_CHECK(threads >= 0, "threads: expected 0 or more, got ", threads);
}

void OutputSection::validate() const { TEMPO_CHECK(!folder.empty(), "folder: expected a path, got nothing"); }

void DistributedSection::validate() const {
  dist::GroupOptions{.timeout_s = timeout_s, .start_timeout_s = start_timeout_s}.validate();
}

void RunConfig::validate() const {
  TEMPO_CHECK(!rewards.empty(), "rewards: expected at least one, such as [{kind: number}], got none");
}

void bind_sampling(Reader& reader, rollout::SamplingOptions& sampling) {
  reader.field("temperature", sampling.temperature);
  reader.field("top_k", sampling.top_k);
  reader.field("top_p", sampling.top_p);
  reader.field("min_p", sampling.min_p);
  reader.field("max_new_tokens", sampling.max_new_tokens);
  reader.field("ignore_eos", sampling.ignore_eos);
  reader.field("max_concurrent_responses", sampling.max_concurrent_responses);
  reader.validate(sampling);
}

void bind(Reader& reader, RunConfig& config) {
  reader.section("model", [&](Reader& section) { bind_model(section, config.model); });
  reader.section("data", [&](Reader& section) { bind_data(section, config.data); });
  reader.list("rewards", config.rewards, bind_reward);
  reader.section("sampling", [&](Reader& section) { bind_sampling(section, config.train.sampling); });
  reader.section("advantage", [&](Reader& section) { bind_advantage(section, config.train.advantage); });
  reader.section("loss", [&](Reader& section) { bind_loss(section, config); });
  reader.section("optimizer", [&](Reader& section) { bind_optimizer(section, config.train); });
  reader.section("train", [&](Reader& section) { bind_loop(section, config.train.loop); });
  reader.section("evaluation", [&](Reader& section) { bind_evaluation(section, config); });
  reader.section("output", [&](Reader& section) { bind_output(section, config); });
  reader.section("distributed", [&](Reader& section) { bind_distributed(section, config.distributed); });
  reader.finish();  // a misspelt section is named before what it leaves missing
  reader.validate(config);
}

}  // namespace tempo::common
