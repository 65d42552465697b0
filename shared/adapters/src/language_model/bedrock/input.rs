//! A request to Converse.

use std::error::Error;

use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::ConverseInput;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseInputBuilder;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, JsonSchemaDefinition, Message, OutputConfig,
    OutputFormat, OutputFormatStructure, OutputFormatType, SpecificToolChoice, SystemContentBlock, Tool,
    ToolChoice, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use carillon_domain::base::language_model::Question;

use super::document;
use crate::language_model::mechanism::Mechanism;
use crate::language_model::request::{Request, Speaker, TOOL_DESCRIPTION};

/// Longest answer, in tokens. Some models stop at 512 unless told otherwise, and some take no more than this.
const MAX_ANSWER_TOKENS: i32 = 2_048;

/// # Errors
/// When the schema is no JSON, or AWS's builder misses something.
pub(super) fn of(request: &Request<'_>) -> Result<ConverseInputBuilder, Box<dyn Error + Send + Sync>> {
    let question = request.question;
    let messages: Result<Vec<Message>, BuildError> =
        request.turns().into_iter().map(|(speaker, text)| message(speaker, text.into_owned())).collect();
    let input = ConverseInput::builder()
        .model_id(request.model)
        .system(SystemContentBlock::Text(question.system.to_owned()))
        .set_messages(Some(messages?))
        .inference_config(InferenceConfiguration::builder().max_tokens(MAX_ANSWER_TOKENS).build());
    Ok(match request.mechanism {
        Mechanism::Schema => input.output_config(output_config(question)?),
        Mechanism::Tool => input.tool_config(tool_config(question)?),
        Mechanism::Plain => input,
    })
}

fn message(speaker: Speaker, text: String) -> Result<Message, BuildError> {
    let role = match speaker {
        Speaker::Us => ConversationRole::User,
        Speaker::Model => ConversationRole::Assistant,
    };
    Message::builder().role(role).content(ContentBlock::Text(text)).build()
}

fn output_config(question: &Question) -> Result<OutputConfig, BuildError> {
    let schema = JsonSchemaDefinition::builder().name(question.name).schema(question.schema).build()?;
    let format = OutputFormat::builder()
        .r#type(OutputFormatType::JsonSchema)
        .structure(OutputFormatStructure::JsonSchema(schema))
        .build()?;
    Ok(OutputConfig::builder().text_format(format).build())
}

/// The order of the schema's fields is lost on the way: the SDK holds JSON without one.
fn tool_config(question: &Question) -> Result<ToolConfiguration, Box<dyn Error + Send + Sync>> {
    let schema = document::of(serde_json::from_str(question.schema)?);
    let tool = ToolSpecification::builder()
        .name(question.name)
        .description(TOOL_DESCRIPTION)
        .strict(true)
        .input_schema(ToolInputSchema::Json(schema))
        .build()?;
    let choice = SpecificToolChoice::builder().name(question.name).build()?;
    let tools =
        ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).tool_choice(ToolChoice::Tool(choice));
    Ok(tools.build()?)
}
