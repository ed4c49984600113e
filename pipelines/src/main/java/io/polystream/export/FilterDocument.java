package io.polystream.export;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.polystream.source.ColumnPath;
import io.polystream.source.Filter;
import io.polystream.source.Filter.Condition;
import io.polystream.source.Filter.Operator;
import io.polystream.source.Filter.Value;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A filter as it is written in a request document and in the manifest (docs/request.md). */
final class FilterDocument {
  /** Of and, or and arrays inside one another. */
  static final int MOST_LEVELS = 16;

  /** Each is tried on the server before anything is read. */
  static final int MOST_CONDITIONS = 1000;

  private static final List<String> CONDITION_FIELDS = List.of("column", "op", "value");

  private final RequestProblems problems;
  private int conditions;

  private FilterDocument(RequestProblems problems) {
    this.problems = problems;
  }

  /** The filter, unless there are problems. */
  static Optional<Filter> parse(JsonNode node, String pointer, RequestProblems problems) {
    FilterDocument document = new FilterDocument(problems);
    Optional<Filter> filter = document.filter(node, pointer, 1);
    if (document.conditions > MOST_CONDITIONS) {
      problems.add(
          pointer, "has " + document.conditions + " conditions, more than " + MOST_CONDITIONS);
      return Optional.empty();
    }
    return filter;
  }

  private Optional<Filter> filter(JsonNode node, String pointer, int level) {
    if (level > MOST_LEVELS) {
      problems.add(pointer, "is nested deeper than " + MOST_LEVELS + " levels");
      return Optional.empty();
    }
    if (node.isArray()) {
      return filters(node, pointer, level).map(Filter.And::new);
    }
    if (!(node instanceof ObjectNode object)) {
      problems.add(
          pointer,
          "must be an array of conditions, or an object with and, or, or a condition's fields, not "
              + RequestProblems.shown(node));
      return Optional.empty();
    }
    if (object.has("and") || object.has("or")) {
      return combination(object, pointer, level);
    }
    conditions++;
    return condition(object, pointer);
  }

  private Optional<Filter> combination(ObjectNode object, String pointer, int level) {
    String name = object.has("and") ? "and" : "or";
    new RequestFields(object, pointer, problems)
        .refuseOthers(List.of(name), "an object with " + name);
    String below = RequestProblems.below(pointer, name);
    JsonNode node = object.get(name);
    if (!node.isArray()) {
      problems.add(below, "must be an array of conditions, not " + RequestProblems.shown(node));
      return Optional.empty();
    }
    Optional<List<Filter>> filters = filters(node, below, level);
    return name.equals("and") ? filters.map(Filter.And::new) : filters.map(Filter.Or::new);
  }

  /** Empty when any has a problem. */
  private Optional<List<Filter>> filters(JsonNode array, String pointer, int level) {
    if (array.isEmpty()) {
      problems.add(pointer, "is empty: leave it out for all rows");
      return Optional.empty();
    }
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      filter(array.get(i), RequestProblems.below(pointer, i), level + 1).ifPresent(filters::add);
    }
    return filters.size() == array.size() ? Optional.of(filters) : Optional.empty();
  }

  private Optional<Filter> condition(ObjectNode object, String pointer) {
    RequestFields fields = new RequestFields(object, pointer, problems);
    fields.refuseOthers(CONDITION_FIELDS, "a condition");
    Optional<ColumnPath> column =
        fields
            .requiredText("column")
            .flatMap(
                text -> problems.attempt(fields.pointer("column"), () -> ColumnPath.parse(text)));
    Optional<Operator> operator = fields.requiredText("op").flatMap(text -> operator(text, fields));
    Optional<List<Value>> values = operator.flatMap(found -> values(found, fields));
    return column.isPresent() && values.isPresent()
        ? Optional.of(new Condition(column.get(), operator.get(), values.get(), pointer))
        : Optional.empty();
  }

  private Optional<Operator> operator(String text, RequestFields fields) {
    Optional<Operator> operator = Operator.of(text);
    if (operator.isEmpty()) {
      problems.add(
          fields.pointer("op"),
          "unknown operator \"" + text + "\": use one of " + Operator.texts());
    }
    return operator;
  }

  private Optional<List<Value>> values(Operator operator, RequestFields fields) {
    String pointer = fields.pointer("value");
    switch (operator.operand()) {
      case NONE -> {
        if (fields.get("value").isPresent()) {
          problems.add(pointer, operator.text() + " takes no value");
          return Optional.empty();
        }
        return Optional.of(List.of());
      }
      case ONE -> {
        Optional<JsonNode> given = fields.require("value");
        if (operator == Operator.LIKE
            && given.filter(node -> node.isNumber() || node.isBoolean()).isPresent()) {
          problems.add(pointer, "like takes a string, not " + RequestProblems.shown(given.get()));
          return Optional.empty();
        }
        return given.flatMap(node -> value(node, pointer)).map(List::of);
      }
      case LIST -> {
        return fields.require("value").flatMap(node -> list(node, pointer));
      }
    }
    throw new IllegalStateException("no operand " + operator.operand());
  }

  private Optional<List<Value>> list(JsonNode node, String pointer) {
    if (!node.isArray()) {
      problems.add(pointer, "in takes an array of values, not " + RequestProblems.shown(node));
      return Optional.empty();
    }
    if (node.isEmpty()) {
      problems.add(pointer, "is empty, and no row would be exported");
      return Optional.empty();
    }
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      value(node.get(i), RequestProblems.below(pointer, i)).ifPresent(values::add);
    }
    return values.size() == node.size() ? Optional.of(values) : Optional.empty();
  }

  private Optional<Value> value(JsonNode node, String pointer) {
    if (node.isTextual()) {
      return problems.attempt(pointer, () -> new Value.Text(node.textValue()));
    }
    if (node.isNumber()) {
      return Optional.of(new Value.Numeric(node.asText()));
    }
    if (node.isBoolean()) {
      return Optional.of(new Value.Truth(node.booleanValue()));
    }
    problems.add(
        pointer,
        node.isNull()
            ? "null compares with nothing: use isNull or isNotNull"
            : "must be a string, a number, true or false, not " + RequestProblems.shown(node));
    return Optional.empty();
  }

  /** The filter as {@link #parse} reads it. */
  static JsonNode tree(Filter filter) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = WrittenDocument.JSON.createGenerator(text)) {
      write(filter, json);
      json.flush();
      return WrittenDocument.JSON.readTree(text.toString());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Writes the filter so that {@link #parse} reads it. */
  static void write(Filter filter, JsonGenerator json) throws IOException {
    if (filter instanceof Filter.And and) {
      writeAll("and", and.filters(), json);
    } else if (filter instanceof Filter.Or or) {
      writeAll("or", or.filters(), json);
    } else if (filter instanceof Condition condition) {
      json.writeStartObject();
      json.writeStringField("column", condition.column().text());
      json.writeStringField("op", condition.operator().text());
      writeValues(condition, json);
      json.writeEndObject();
    }
  }

  private static void writeAll(String name, List<Filter> filters, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart(name);
    for (Filter filter : filters) {
      write(filter, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeValues(Condition condition, JsonGenerator json) throws IOException {
    switch (condition.operator().operand()) {
      case NONE -> {}
      case ONE -> {
        json.writeFieldName("value");
        writeValue(condition.value(), json);
      }
      case LIST -> {
        json.writeArrayFieldStart("value");
        for (Value value : condition.values()) {
          writeValue(value, json);
        }
        json.writeEndArray();
      }
    }
  }

  private static void writeValue(Value value, JsonGenerator json) throws IOException {
    if (value instanceof Value.Numeric numeric) {
      json.writeNumber(numeric.text());
    } else if (value instanceof Value.Truth truth) {
      json.writeBoolean(truth.value());
    } else {
      json.writeString(value.text());
    }
  }
}
