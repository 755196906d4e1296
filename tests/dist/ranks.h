// Starts the ranks of a test as processes, and ends them all.
#pragma once

#include <string>
#include <vector>

struct RankResult {
  int status = -1;  // exit status; 128 + the signal that ended it
  std::string output;
};

// Returns a port that is free now.
int free_port();

// Runs the program of rank.cpp for every rank. Rank `lost`, which stops, is killed when all others have
// ended; all are after a minute. store_port: where a launcher listens; 0: rank 0 does.
std::vector<RankResult> run_ranks(int size, const std::string& scenario, double timeout_s, int lost = -1,
                                  int store_port = 0);
