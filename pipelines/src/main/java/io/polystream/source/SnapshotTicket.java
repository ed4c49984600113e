package io.polystream.source;

import java.io.Serializable;

/**
 * What another process needs, beside the way to the database, to read in a snapshot that is open
 * here: see {@link Database#join}. Only the kind of database that made it understands it.
 */
public interface SnapshotTicket extends Serializable {}
