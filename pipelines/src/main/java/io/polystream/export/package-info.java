/**
 * The main line: a request becomes a plan, the plan a Beam pipeline of lanes, the pipeline one
 * whole file with a manifest. {@link io.polystream.export.Exporter} is the door for everybody else.
 */
package io.polystream.export;
