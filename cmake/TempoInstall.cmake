# Installation of the libraries, headers and programs.
