/* The fleet of nights.h: two targets, their addresses, and the certificates that they may show. */
#ifndef NIGHTS_FLEET_H
#define NIGHTS_FLEET_H

#include <sqlite3.h>

void nights_fill(sqlite3 *db);

#endif
