#include "config_source.h"
#include "tempo/core/error.h"

namespace tempo::model {

ModelConfig read_config(const std::filesystem::path& path) {
  TEMPO_CHECK(std::filesystem::exists(path), path.string(),
              ": expected a Hugging Face folder or a GGUF file, found nothing");
  const bool folder = std::filesystem::is_directory(path);
  const ModelConfig config = folder ? read_huggingface_config(path) : read_gguf_config(io::Gguf::open(path));
  try {
    config.validate();
  } catch (const Error& error) {
    core::fail(path.string(), ": ", error.what());
  }
  return config;
}

}  // namespace tempo::model
